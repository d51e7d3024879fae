"""Segments many scenes with several workers, on several GPUs or hosts, through Ray.

Enters: one :class:`.Segment` per scene. Leaves: the same messages as from one engine, and the state of each worker.
:mod:`.scheduler`, :mod:`.task_graph` and :mod:`.scene_tracker` decide without Ray, so that tests can simulate them.

Ray places the workers, detects dead ones and carries the messages. Costs of scenes, blocks of one scene and scenes that
kill their process (:class:`.RetryPolicy`) are not in Ray. Some of its means do not fit:

- ``max_restarts`` and ``max_task_retries`` hide which worker died and why, and count per actor and run, where a run may
  replace workers as long as scenes end.
- ``ray.util.ActorPool`` gives an actor one task at a time, where a worker opens and writes further scenes meanwhile.
- A placement group starts no worker before all have a place.
- ``ray.cancel`` does not interrupt the running call of a worker, which would have to poll for it as it does now.
- The state API needs the dashboard, which listens on the network.
"""
