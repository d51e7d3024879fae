"""Many scenes on several GPUs and several hosts, through Ray.

In: one request per scene and the number of workers. Out: the same messages as from one engine, and the state of each
worker. May import ``engine.many`` and below. The modules that decide (:mod:`.scheduler`, :mod:`.task_graph`) do not
import Ray, so that they can be simulated and tested.
"""
