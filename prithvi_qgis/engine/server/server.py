"""The engine as a warm process: listens at once, runs one request at a time, exits when it is not needed."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Optional

import psutil

from ... import __version__
from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.channel import Channel, ChannelClosed, socket_path, welcome, write_key
from ...core.protocol.control_messages import PROTOCOL_VERSION
from ...core.protocol.messages import (
    Accepted,
    Cancel,
    Failed,
    Hello,
    Message,
    NetworkOptions,
    Progress,
    Request,
    Segment,
    SegmentMany,
    Shutdown,
    Status,
    StatusReport,
    Stopping,
)
from ...core.scenes.gdal_names import without_secrets
from ...core.system import network_options
from ...core.system.engine_log import RUN_BEGINS, RUN_ENDS, mark_line
from ...core.system.file_lock import FileLock
from ...core.system.paths import run_folder
from ...core.system.timeouts import TIMEOUTS
from ..device import nvml
from ..failures import failure
from .job_queue import Job, JobQueue
from .watchdog import watch

if TYPE_CHECKING:
    from ..model.model_loader import Loader

log = logging.getLogger("prithvi.engine")


class Server:
    """The engine's sockets, threads and state."""

    def __init__(self, variant: str, code: str, keep_warm_min: float, stuck_s: float):
        self._variant, self._code, self._keep_warm_min, self._stuck_s = variant, code, keep_warm_min, stuck_s
        self._jobs = JobQueue()
        self._state = "starting"
        self._idle_since = time.monotonic()
        self._loader: Optional[Loader] = None  # made by the main thread after the heavy imports
        self._answering = threading.Lock()  # held until the peer that requested a stop has the answer
        self._folder = run_folder()
        self._heartbeat_file = self._folder / "heartbeat"  # while a job runs: see core.system.heartbeat.read_heartbeat

    def run(self) -> None:
        """Listen and work until idle too long or stopped."""
        lock = FileLock(self._folder / "engine.lock")
        if not lock.acquire(TIMEOUTS.engine_lock_s):
            log.warning("another engine is running; leaving")
            return
        with lock:
            lock.write(str(os.getpid()))
            key = write_key(self._folder)
            path = socket_path(self._folder)
            path.unlink(missing_ok=True)
            self._heartbeat_file.unlink(missing_ok=True)  # of an engine that was killed
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(str(path))
            os.chmod(path, 0o600)
            listener.listen(16)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, self._on_signal)
            threading.Thread(target=self._accept, args=(listener, key), name="accept", daemon=True).start()
            watched = self._jobs, self._stuck_s, self._exit
            threading.Thread(target=watch, args=watched, name="watch", daemon=True).start()
            log.info("engine %s (%s) listens, pid %d", __version__, self._variant, os.getpid())
            try:
                self._work()
            finally:
                path.unlink(missing_ok=True)
                self._heartbeat_file.unlink(missing_ok=True)
                listener.close()
            log.info("engine ends")

    # -- main thread ---------------------------------------------------------------------------------------------

    def _work(self) -> None:
        from ..inference.segment_scene import run_segment
        from ..many.segment_many import segment_many
        from ..model.model_loader import Loader

        self._loader = loader = Loader(self._variant)
        self._state = "idle"
        while not self._jobs.closed:
            job = self._jobs.take(TIMEOUTS.idle_poll_s)
            if job is None:
                if time.monotonic() - self._idle_since > self._keep_warm_min * 60:
                    self._jobs.close(only_if_idle=True)
                continue
            self._state = "busy"
            if job.request.keep_warm_min >= 0:
                self._keep_warm_min = job.request.keep_warm_min
            began = time.monotonic()
            with suppress(OSError):  # a full disk: the watchdog of this process needs no file
                job.heartbeat.publish(self._heartbeat_file)
            request = job.request
            message: Message
            _mark(RUN_BEGINS)
            try:
                with network_options.applied(job.network_options):
                    if isinstance(request, SegmentMany):
                        message = segment_many(request.scenes, loader, job.emit, job.heartbeat, len(request.scenes))
                    else:
                        message = run_segment(request, loader, job.emit, job.heartbeat)
            except Exception as e:
                message = failure(e, request)
            job.heartbeat.withdraw()
            self._state = "idle"
            self._idle_since = time.monotonic()
            _mark(RUN_ENDS)
            log.info(
                "%s: %s in %.1f s", without_secrets(request.source), type(message).__name__, self._idle_since - began
            )
            self._jobs.finish(job, message)
            if not len(self._jobs):
                loader.release_cache()
        loader.unload()
        self._answering.acquire(timeout=TIMEOUTS.stop_answer_s)

    def _on_signal(self, number: int, frame: Optional[FrameType]) -> None:
        # Not here: the main thread, which runs this, may hold the very locks that stopping needs.
        threading.Thread(target=self._stop, name="stop", daemon=True).start()

    # -- other threads -------------------------------------------------------------------------------------------

    def _stop(self, only_if_idle: bool = False) -> bool:
        log.info("stop requested%s", ", when idle" if only_if_idle else "")
        stopping = self._jobs.close(only_if_idle)
        if stopping:
            timer = threading.Timer(TIMEOUTS.forced_exit_s, self._exit, args=(0,))
            timer.daemon = True
            timer.start()
        return stopping

    def _exit(self, code: int) -> None:
        """Exit in the middle of whatever runs, with every child process."""
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):
                child.kill()
        self._heartbeat_file.unlink(missing_ok=True)
        os._exit(code)

    def _accept(self, listener: socket.socket, key: bytes) -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return  # closed: the engine ends
            threading.Thread(target=self._serve, args=(raw, key), name="peer", daemon=True).start()

    def _serve(self, raw: socket.socket, key: bytes) -> None:
        """Serve one peer, in its own thread: a silent or hostile one delays no other."""
        try:
            channel = welcome(raw, key)
        except (ChannelClosed, PrithviError) as e:
            log.warning("a peer was refused: %s", e)
            return
        try:
            channel.send(Hello(__version__, PROTOCOL_VERSION, self._code, self._variant, os.getpid()))
            follow_up: Optional[Message] = None
            options: dict[str, str] = {}
            while True:
                message, follow_up = follow_up or channel.receive(), None
                if isinstance(message, NetworkOptions):
                    options = message.options
                elif isinstance(message, (Segment, SegmentMany)):
                    follow_up = self._segment(channel, message, options)
                elif isinstance(message, Status):
                    channel.send(self._report())
                elif isinstance(message, Shutdown):
                    with self._answering:
                        channel.send(Stopping(self._stop(message.when_idle)))
                elif not isinstance(message, Cancel):  # a cancel that came after the end
                    raise PrithviError(ErrorCode.CONTRACT_BROKEN, f"{type(message).__name__} is no request.")
        except PrithviError as e:
            with suppress(ChannelClosed):
                channel.send(Failed.of(e))
        except ChannelClosed:
            pass
        finally:
            channel.close()

    def _segment(self, channel: Channel, request: Request, options: dict[str, str]) -> Optional[Message]:
        """Queue a request and watch its connection until it is done; return a request that came meanwhile."""
        job = Job(request, channel, options)
        ahead = self._jobs.add(job)
        channel.send(Accepted(ahead))
        try:
            while not job.done.is_set():
                message = channel.receive(timeout_s=TIMEOUTS.peer_poll_s)
                if isinstance(message, Cancel):
                    self._jobs.cancel(job)
                elif message is not None:
                    job.done.wait()
                    return message
                if self._jobs.ahead(job) < ahead:
                    ahead = self._jobs.ahead(job)
                    channel.send(Accepted(ahead))
                job.repeat_progress()
        except ChannelClosed:
            self._jobs.cancel(job)
            raise
        return None

    def _report(self) -> StatusReport:
        on_gpu = self._variant == "cuda"
        free, total, own = nvml.memory_mb() if on_gpu else (0, 0, 0)
        temperature, busy = nvml.activity() if on_gpu else (0, 0)
        job = self._jobs.current
        progress = job.progress if job else Progress(0, 0, "")
        return StatusReport(
            state="loading" if self._state == "busy" and progress.stage == "loading" else self._state,
            variant=self._variant,
            device=self._variant,
            device_name=_device_name(self._variant),
            model=self._loader.model_id if self._loader is not None else "",
            waiting=max(0, len(self._jobs) - 1),
            idle_s=0.0 if len(self._jobs) else round(time.monotonic() - self._idle_since, 1),
            keep_warm_min=self._keep_warm_min,
            gpu_free_mb=free,
            gpu_total_mb=total,
            gpu_used_by_engine_mb=own,
            memory_mb=psutil.Process().memory_info().rss >> 20,
            pid=os.getpid(),
            gpu_temperature_c=temperature,
            gpu_busy_percent=busy,
            scene=(job.request.source_name or Path(job.request.source).name) if job else "",
            done=progress.done,
            total=progress.total,
            scenes=len(job.request.scenes) if job and isinstance(job.request, SegmentMany) else 0,
        )


def serve(variant: str, code: str, keep_warm_min: float, stuck_s: float = TIMEOUTS.stuck_s) -> None:
    """Run the engine in this process until it is idle for ``keep_warm_min`` minutes, stuck, or stopped."""
    Server(variant, code, keep_warm_min, stuck_s).run()


def _mark(mark: str) -> None:
    sys.stderr.write(mark_line(mark))
    sys.stderr.flush()


def _device_name(variant: str) -> str:
    if variant == "cuda":
        return nvml.name()
    from ..model.vllm_backend import device_name

    return device_name("cpu")
