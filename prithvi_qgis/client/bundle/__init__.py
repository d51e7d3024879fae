"""Offline bundles: one folder with everything to install on a machine without a network.

In: the target machine, the models and the lock files. Out: a folder of wheels, models and instructions, whole or in
volumes. May import ``client.install``, ``client.runtime`` and ``core``.
"""
