"""Every time limit and polling interval, with its unit.

Code takes a :class:`Timeouts` from its caller where a test needs shorter ones, and :data:`TIMEOUTS` otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timeouts:
    """Limits of waiting; names end in the unit."""

    # -- everywhere ----------------------------------------------------------------------------------------------

    poll_s: float = 0.2
    """Between two checks for a cancel, for a child process or for a lock."""
    term_grace_s: float = 5.0
    """From SIGTERM to SIGKILL."""

    # -- QGIS side -----------------------------------------------------------------------------------------------

    ui_poll_ms: int = 50
    """Between two checks of a background call for its result."""
    status_poll_ms: int = 2000
    """Between two requests of the options panel for the engine's status."""
    typing_pause_ms: int = 150
    """From the last change in a form until its image is read again."""
    plugin_unload_s: float = 5.0
    """For running tasks to end when the plugin is unloaded; one batch on a slow CPU."""
    install_unload_s: float = 15.0
    """For an installation to end when QGIS closes; more than ``term_grace_s``."""
    repeat_stage_s: float = 15.0
    """Between log lines about the same stage."""
    repeat_workers_s: float = 60.0
    """Between log lines about the same workers."""

    # -- front end and engine ------------------------------------------------------------------------------------

    engine_start_s: float = 180.0
    """For an engine to accept connections after it was started."""
    engine_busy_poll_s: float = 2.0
    """Between two attempts to replace an older engine that is busy."""
    status_answer_s: float = 60.0
    """For a status answer; the model's load holds Python's lock for seconds."""
    engine_silence_s: float = 300.0
    """Without any message from the engine until a run counts as failed."""
    cancel_grace_s: float = 120.0
    """From a cancel to its confirmation; one batch on a slow CPU."""
    engine_exit_s: float = 60.0
    """For an engine to exit after it was asked to."""
    engine_term_grace_s: float = 10.0
    """From SIGTERM to SIGKILL for an engine."""
    driver_exit_s: float = 30.0
    """For the cluster driver to shut Ray down after its standard input was closed."""
    detach_s: float = 120.0
    """For the detached start of an engine to return."""
    auth_s: float = 30.0
    """For a peer to authenticate."""
    message_s: float = 60.0
    """Between the first and the last byte of a message."""
    heartbeat_s: float = 2.0
    """Between messages of a running job, progress or not."""
    progress_interval_s: float = 0.2
    """Between two progress messages of one stage."""
    peer_poll_s: float = 0.5
    """Between two checks of a waiting peer for a cancel."""

    # -- engine --------------------------------------------------------------------------------------------------

    idle_poll_s: float = 1.0
    """Between two checks of an idle engine for its end."""
    engine_lock_s: float = 60.0
    """For the previous engine to release its lock."""
    stop_answer_s: float = 5.0
    """For a peer that requested a stop to read the answer."""
    forced_exit_s: float = 20.0
    """From a stop request until the process exits in the middle of a batch."""
    stuck_s: float = 900.0
    """Without progress of a job until the watchdog ends the engine."""
    stuck_tile_s: float = 60.0
    """Added to ``stuck_s`` per tile of a batch; the largest model on two slow cores."""
    watchdog_poll_s: float = 5.0
    """Between two checks of the watchdog."""
    io_stall_s: float = 300.0
    """Without a byte read or written until a scene fails. GDAL gives a failing server up within 200 s, so that its own,
    better error comes first; a disk that hangs never answers."""
    io_exit_s: float = 2.0
    """For reads and writes in progress when a run ends."""
    scene_open_s: float = 600.0
    """For a scene or its outputs to open; longer than GDAL retries a server, shorter than ``stuck_s``."""
    scene_finish_s: float = 1800.0
    """Without progress of a scene that is being finished; a large mask on a slow disk."""
    many_exit_s: float = 5.0
    """For scenes that are being opened when a run ends."""
    gpu_sample_s: float = 2.0
    """Between two readings of the GPU's memory."""
    nvidia_smi_s: float = 60.0
    """For nvidia-smi; without a persistent driver it takes seconds per GPU."""

    # -- folder runs ---------------------------------------------------------------------------------------------

    run_stale_s: float = 120.0
    """Without an update until a run counts as ended, even where its process id is in use again."""
    run_state_s: float = 1.0
    """Between two updates of a run's state file."""
    summary_s: float = 5.0
    """Between two updates of summary.json."""

    # -- cluster -------------------------------------------------------------------------------------------------

    ray_connect_s: float = 10.0
    """For a Ray cluster's address to accept a connection."""
    worker_start_s: float = 300.0
    """For the first worker to be placed."""
    worker_exit_s: float = 60.0
    """From a cancel until workers are killed."""
    worker_silence_s: float = 900.0
    """Without a report until a worker is given up; opening a file on a dead server never returns."""
    worker_report_s: float = 1.0
    """Between two progress reports of a worker."""
    worker_request_s: float = 0.25
    """Between two requests of an idle worker for scenes."""
    cluster_poll_s: float = 0.5
    """Between two checks of the driver for reports."""
    probe_s: float = 90.0
    """For all scenes to be probed; the others are estimated."""
    probe_scene_s: float = 15.0
    """For one scene to be probed, and for the probe process to start."""

    # -- installation and downloads ------------------------------------------------------------------------------

    command_s: float = 60.0
    """For a short command, such as ``python --version``."""
    download_report_s: float = 0.5
    """Between two progress reports of a download."""
    retry_s: float = 1.0
    """Between two attempts to download or to take a lock."""


TIMEOUTS = Timeouts()
