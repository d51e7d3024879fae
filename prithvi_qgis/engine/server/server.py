"""The engine as a warm process: listens at once, works one request at a time, leaves when nobody needs it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any, Optional

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
    Progress,
    Request,
    Segment,
    SegmentMany,
    Shutdown,
    Status,
    StatusReport,
    Stopping,
)
from ...core.system.file_lock import FileLock
from ...core.system.paths import run_folder
from ..device import nvml
from ..failures import failure
from .job_queue import Job, JobQueue
from .watchdog import STUCK_MIN, start_watch

LOCK_WAIT_S = 60.0  # an engine that is just ending gives its place to the next one
ANSWER_S = 5.0  # for a peer that asked to stop and does not read
LAST_RESORT_S = 20.0  # a batch that will not end does not keep a stopping engine alive
log = logging.getLogger("prithvi.engine")


class Server:
    """See :func:`serve`."""

    def __init__(self, variant: str, code: str, keep_warm_min: float, stuck_min: float):
        self._variant, self._code, self._keep_warm_min = variant, code, keep_warm_min
        self._line, self._stuck_min = JobQueue(), stuck_min
        self._state = "starting"
        self._idle_since = time.monotonic()
        self._loader: Any = None  # made by the main thread after the heavy imports
        self._answering = threading.Lock()  # held until whoever asked to stop has the answer
        self._folder = run_folder()

    def run(self) -> None:
        """Listen and work until idle too long or stopped."""
        lock = FileLock(self._folder / "engine.lock")
        if not lock.acquire(LOCK_WAIT_S):
            log.warning("another engine is running; leaving")
            return
        with lock:
            lock.write(str(os.getpid()))
            key = write_key(self._folder)
            path = socket_path(self._folder)
            path.unlink(missing_ok=True)
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(str(path))
            os.chmod(path, 0o600)
            listener.listen(16)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, self._on_signal)
            threading.Thread(target=self._accept, args=(listener, key), name="accept", daemon=True).start()
            start_watch(self._line, self._stuck_min * 60)
            log.info("engine %s (%s) listens, pid %d", __version__, self._variant, os.getpid())
            try:
                self._work()
            finally:
                path.unlink(missing_ok=True)
                listener.close()
            log.info("engine ends")

    # -- main thread ---------------------------------------------------------------------------------------------

    def _work(self) -> None:
        from ..inference.segment_scene import run_segment
        from ..many.segment_many import segment_many
        from ..model.model_loader import Loader

        self._loader = Loader(self._variant)
        self._state = "idle"
        while not self._line.closed:
            job = self._line.take(timeout_s=1.0)
            if job is None:
                if time.monotonic() - self._idle_since > self._keep_warm_min * 60:
                    self._line.close(only_if_idle=True)
                continue
            self._state = "busy"
            if job.request.keep_warm_min >= 0:
                self._keep_warm_min = job.request.keep_warm_min
            began = time.monotonic()
            try:
                request = job.request
                if isinstance(request, SegmentMany):
                    scenes = request.scenes
                    message: Any = segment_many(scenes, self._loader, job.emit, job.cancelled, len(scenes))
                else:
                    message = run_segment(request, self._loader, job.emit, job.cancelled)
            except Exception as e:
                message = failure(e, job.request)
            self._state = "idle"
            self._idle_since = time.monotonic()
            log.info("%s: %s in %.1f s", job.request.source, type(message).__name__, self._idle_since - began)
            self._line.finish(job, message)
            if not len(self._line):
                self._loader.release_cache()
        self._loader.unload()
        self._answering.acquire(timeout=ANSWER_S)

    def _on_signal(self, number: int, frame: Optional[FrameType]) -> None:
        # Not here: the main thread, which runs this, may hold the very locks that stopping needs.
        threading.Thread(target=self._stop, name="stop", daemon=True).start()

    # -- other threads -------------------------------------------------------------------------------------------

    def _stop(self, only_if_idle: bool = False) -> bool:
        log.info("asked to stop%s", " when idle" if only_if_idle else "")
        stopping = self._line.close(only_if_idle)
        if stopping:
            timer = threading.Timer(LAST_RESORT_S, os._exit, args=(0,))
            timer.daemon = True
            timer.start()
        return stopping

    def _accept(self, listener: socket.socket, key: bytes) -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return  # closed: the engine ends
            threading.Thread(target=self._serve, args=(raw, key), name="peer", daemon=True).start()

    def _serve(self, raw: socket.socket, key: bytes) -> None:
        """One peer, in its own thread: a silent or hostile one delays nobody else."""
        try:
            channel = welcome(raw, key)
        except (ChannelClosed, PrithviError) as e:
            log.warning("a peer was turned away: %s", e)
            return
        try:
            channel.send(Hello(__version__, PROTOCOL_VERSION, self._code, self._variant, os.getpid()))
            follow_up: Optional[Message] = None
            while True:
                message, follow_up = follow_up or channel.receive(), None
                if isinstance(message, (Segment, SegmentMany)):
                    follow_up = self._segment(channel, message)
                elif isinstance(message, Status):
                    channel.send(self._report())
                elif isinstance(message, Shutdown):
                    with self._answering:
                        channel.send(Stopping(self._stop(message.when_idle)))
                elif not isinstance(message, Cancel):  # a cancel that came after the end
                    raise PrithviError(ErrorCode.CONTRACT_BROKEN, f"{type(message).__name__} is no request.")
        except PrithviError as e:
            try:
                channel.send(Failed(e.code.value, e.text, e.hint))
            except ChannelClosed:
                pass
        except ChannelClosed:
            pass
        finally:
            channel.close()

    def _segment(self, channel: Channel, request: Request) -> Optional[Message]:
        """Put a request in line and watch its connection until it is done; returns a request that came meanwhile."""
        job = Job(request, channel)
        ahead = self._line.add(job)
        channel.send(Accepted(ahead))
        try:
            while not job.done.is_set():
                message = channel.receive(timeout_s=0.5)
                if isinstance(message, Cancel):
                    self._line.leave(job)
                elif message is not None:
                    job.done.wait()
                    return message
                if self._line.ahead(job) < ahead:
                    ahead = self._line.ahead(job)
                    channel.send(Accepted(ahead))
                job.heartbeat()
        except ChannelClosed:
            self._line.leave(job)
            raise
        return None

    def _report(self) -> StatusReport:
        on_gpu = self._variant == "cuda"
        free, total, own = nvml.memory_mb() if on_gpu else (0, 0, 0)
        temperature, busy = nvml.activity() if on_gpu else (0, 0)
        job = self._line.current
        progress = job.progress if job else Progress(0, 0, "")
        loader = self._loader
        return StatusReport(
            state="loading" if self._state == "busy" and self._line.loading else self._state,
            variant=self._variant,
            device=self._variant,
            device_name=_device_name(self._variant),
            model=loader.model_id if loader is not None else "",
            waiting=max(0, len(self._line) - 1),
            idle_s=0.0 if len(self._line) else round(time.monotonic() - self._idle_since, 1),
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


def serve(variant: str, code: str, keep_warm_min: float, stuck_min: float = STUCK_MIN) -> None:
    """Run the engine in this process until it is idle for ``keep_warm_min`` minutes, stuck, or told to stop."""
    Server(variant, code, keep_warm_min, stuck_min).run()


def _device_name(variant: str) -> str:
    if variant == "cuda":
        return nvml.name()
    from ..model.vllm_backend import device_name

    return device_name("cpu")
