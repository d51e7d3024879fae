"""An engine that follows a script instead of running a model; it speaks the real protocol over the real channel.

Started in place of ``python -m prithvi_qgis.engine serve``. ``<home>/script.json`` says how to behave.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

from prithvi_qgis.core.protocol import channel, control_messages, messages
from prithvi_qgis.core.system import paths


def main() -> None:
    script = json.loads((paths.home() / "script.json").read_text())
    with open(paths.home() / "starts", "a") as f:
        f.write(f"{os.getpid()}\n")
    if script.get("die_at_start"):
        sys.exit("RuntimeError: no room for the model")
    if script.get("ignore_term"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    folder = paths.run_folder()
    lock = os.open(folder / "engine.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.ftruncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())
    time.sleep(script.get("listen_after_s", 0))
    key = channel.write_key(folder)
    if script.get("wrong_key"):
        key = b"another key"
    listener = socket.socket(socket.AF_UNIX)
    path = channel.socket_path(folder)
    path.unlink(missing_ok=True)
    listener.bind(str(path))
    listener.listen(8)
    while True:
        raw, _ = listener.accept()
        if script.get("silent_peer"):
            globals().setdefault("held", []).append(raw)
            continue
        threading.Thread(target=serve, args=(raw, key, script), daemon=True).start()


def serve(raw: socket.socket, key: bytes, script: dict) -> None:
    try:
        peer = channel.welcome(raw, key)
        if script.get("hang_up"):
            peer.close()
            return
        if script.get("first_is_0_1_0") and starts() == 1:
            speak_as_0_1_0(peer._connection, script)
            return
        peer.send(hello(script))
        request = peer.receive()
        if isinstance(request, messages.NetworkOptions):
            (paths.home() / "network_options.json").write_text(json.dumps(request.options))
            request = peer.receive()
        if isinstance(request, messages.Shutdown):
            shut_down(peer, request, script)
        elif isinstance(request, messages.Status):
            peer.send(messages.StatusReport(state="idle", variant=argument("--variant"), pid=os.getpid()))
        elif isinstance(request, messages.Segment):
            segment(peer, request, script)
        elif isinstance(request, messages.SegmentMany):
            segment_many(peer, request, script)
        peer.close()
    except Exception as e:
        print(f"peer: {type(e).__name__}: {e}", flush=True)


def hello(script: dict) -> messages.Hello:
    # An engine of an older plugin says so once; the next engine started is of this plugin.
    older = script.get("first_is_older") and starts() == 1
    return messages.Hello(
        package="0.0.1",
        contract=control_messages.PROTOCOL_VERSION,
        code="older" if older else argument("--code"),
        variant=argument("--variant"),
        pid=os.getpid(),
    )


def speak_as_0_1_0(connection: Connection, script: dict) -> None:
    """Greet and stop in the bytes of version 0.1.0, whatever the messages of today are."""
    hello = {"type": "Hello", "package": "0.1.0", "contract": 1, "code": argument("--code")}
    connection.send_bytes(json.dumps({**hello, "variant": argument("--variant"), "pid": os.getpid()}).encode())
    request = connection.recv_bytes()
    if request != b'{"type":"Shutdown","when_idle":true}':
        raise ValueError(f"not a request of version 0.1.0: {request!r}")
    busy = time.time() < (paths.home() / "starts").stat().st_mtime + script.get("busy_s", 0)
    connection.send_bytes(json.dumps({"type": "Stopping", "yes": not busy}).encode())
    if not busy:
        os._exit(0)
    connection.close()


def shut_down(peer: channel.Channel, request: messages.Shutdown, script: dict) -> None:
    busy = request.when_idle and time.time() < (paths.home() / "starts").stat().st_mtime + script.get("busy_s", 0)
    peer.send(messages.Stopping(not busy))
    if not busy and not script.get("ignore_shutdown"):
        os._exit(0)


def segment(peer: channel.Channel, request: messages.Segment, script: dict) -> None:
    if script.get("first_leaves_before_accepting") and starts() == 1:
        os._exit(0)
    peer.send(messages.Accepted(0))
    output = Path(request.output)
    half = output.with_name(f".{output.stem}.prithvi-{os.getpid()}-1{output.suffix}")
    half.write_text("half a mask")
    for step in range(script.get("steps", 3)):
        peer.send(messages.Progress(step, 3, "segmenting"))
        if step == 1 and script.get("die_mid_run"):
            os.kill(os.getpid(), signal.SIGKILL)
        if step == 1 and script.get("give_up_mid_run"):
            peer.send(messages.Failed("engine_died", "The engine got no further with scene.tif.", "Run again."))
            os._exit(1)
        if step == 1 and script.get("hang_mid_run"):
            time.sleep(3600)
        asked = peer.receive(script.get("step_s", 0.05))
        if isinstance(asked, messages.Cancel) and not script.get("cancel_too_late"):
            half.unlink()
            peer.send(messages.Failed("cancelled", "Cancelled."))
            return
    if script.get("fail"):
        half.unlink()
        peer.send(messages.Failed("bands_missing", "scene.tif has 4 bands.", "Name them in BANDS."))
        return
    half.rename(output)
    peer.send(result(request))
    peer.receive(5)


def result(request: messages.Segment) -> messages.Result:
    return messages.Result(
        output=request.output,
        model="demo-water",
        device="cpu",
        device_name="a processor",
        engine="scripted",
        tiles=3,
        seconds=0.1,
        timings={"total": 0.1},
        width=2,
        height=2,
        nodata_pixels=0,
        classes=(messages.ClassArea(0, "Land", "#112233", 4, 400.0),),
        bands=(1, 2),
        scaling="as is",
    )


def segment_many(peer: channel.Channel, request: messages.SegmentMany, script: dict) -> None:
    """Two scenes at a time, some opened ahead. A ``deadly`` one takes the engine down, one that is ``deadly_to_open``
    before that, and ``bad`` ones fail.
    """
    peer.send(messages.Accepted(0))
    with open(paths.home() / "asked", "a") as f:
        f.write(f"{len(request.scenes)}\n")
    failed = 0
    if script.get("die_while_loading"):
        os.kill(os.getpid(), signal.SIGKILL)
    peer.send(messages.Progress(0, len(request.scenes), "opening"))
    for first in range(0, len(request.scenes), 2):
        for scene in request.scenes[first : first + messages.OPENED_AHEAD]:
            if scene.source in script.get("deadly_to_open", []):
                os.kill(os.getpid(), signal.SIGKILL)
        if first == 0:
            peer.send(messages.Progress(0, len(request.scenes), "loading"))
        if script.get("die_with_the_model"):
            os.kill(os.getpid(), signal.SIGKILL)
        pair = list(enumerate(request.scenes))[first : first + 2]
        for number, _ in pair:
            peer.send(messages.SceneStarted(number))
        for number, scene in pair:
            peer.send(messages.Progress(number, len(request.scenes), "segmenting"))
            if scene.source in script.get("deadly", []):
                os.kill(os.getpid(), signal.SIGKILL)
            if isinstance(peer.receive(script.get("step_s", 0.01)), messages.Cancel):
                peer.send(messages.Failed("cancelled", "Cancelled."))
                return
            if scene.source in script.get("bad", []):
                failed += 1
                peer.send(messages.SceneFailed(number, "source_unreadable", f"{scene.source} is broken."))
            else:
                peer.send(messages.SceneDone(number, result(scene), "now"))
    peer.send(messages.ManyDone(len(request.scenes) - failed, failed))
    peer.receive(5)


def starts() -> int:
    return len((paths.home() / "starts").read_text().split())


def argument(name: str) -> str:
    return sys.argv[sys.argv.index(name) + 1]


if __name__ == "__main__":
    main()
