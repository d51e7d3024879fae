"""Everything that talks to an engine's processes.

In: requests and callbacks. Out: results, or :class:`~core.errors.PrithviError`. :mod:`.engine_client` serves one
request, :mod:`.scene_batches` and :mod:`.worker_runs` a folder run, :mod:`.engine_command` one command of the engine's
command line. Imports :mod:`client.runtime` and :mod:`core`.
"""
