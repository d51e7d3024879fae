"""Taking out of a text what tells who somebody is, before it is pasted into a bug report.

Better too much than too little: a folder's name may be a client's, a link's query may be a key.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
from collections.abc import Iterable
from pathlib import Path

# Accounts that say nothing about a person.
_COMMON = {"root", "user", "users", "admin", "ubuntu", "debian", "qgis", "home", "docker", "runner", "localhost"}
_URL = re.compile(r"\b([a-z][a-z0-9+.-]*://)([^\s/\"'<>]*)(/[^\s\"'<>]*)?", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
# Two folders at least: "/tmp" and "and/or" tell nothing. Blanks end a path, since its end cannot be told otherwise.
_UNIX_PATH = re.compile(r"(?<![\w/.~:-])(~|/[^\s/\"'<>:|,;()\[\]]+)((?:/[^\s/\"'<>:|,;()\[\]]+)+)(/?)")
_WINDOWS_PATH = re.compile(r"\b([A-Za-z]:)((?:[\\/][^\s\\/\"'<>:|,;]+)+)")


def anonymous(text: str, folders: Iterable[Path] = ()) -> str:
    """``text`` without names of people and machines, with folders shortened to their ends.

    Args:
        folders: further folders whose beginnings are replaced by ``~``, such as the data folder's parent.
    """
    text = _URL.sub(_short_url, text)
    text = _MAIL.sub("<mail>", text)
    homes = sorted({str(p) for p in (Path.home(), *folders)}, key=len, reverse=True)
    for home in homes:
        if len(Path(home).parts) > 1:
            text = re.sub(re.escape(home) + r"(?![\w-])", "~", text)
    text = _WINDOWS_PATH.sub(_short_windows, text)
    text = _UNIX_PATH.sub(_short_unix, text)
    for word, stand_in in _names():
        text = re.sub(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", stand_in, text, flags=re.IGNORECASE)
    return text


def _short_url(match: re.Match) -> str:
    """The server and the last part of the path: no user, no password, no query."""
    scheme, server, path = match.groups()
    if scheme.lower() == "file://" and not server:
        return (path or "").partition("?")[0]
    host = server.rpartition("@")[2]
    last = (path or "").partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    return f"{scheme}{host}" + (f"/…/{last}" if last else "")


def _short_unix(match: re.Match) -> str:
    first, rest, slash = match.groups()
    names = rest.strip("/").split("/")
    return match[0] if first == "~" and len(names) == 1 else f"{first}/…/{names[-1]}{slash}"


def _short_windows(match: re.Match) -> str:
    names = re.split(r"[\\/]", match[2].strip("\\/"))
    return match[0] if len(names) == 1 else f"{match[1]}\\…\\{names[-1]}"


def _names() -> list[tuple[str, str]]:
    """Words to replace, the longest first."""
    people = {os.environ.get(v, "") for v in ("USER", "LOGNAME", "USERNAME", "SUDO_USER")}
    try:
        people.add(getpass.getuser())
        import pwd

        account = pwd.getpwuid(os.getuid())
        full = account.pw_gecos.partition(",")[0]
        people.update([account.pw_name, full, *full.split()])
    except (ImportError, KeyError, OSError):
        pass  # no such thing on this system
    host = socket.gethostname()
    words = [(w, "<user>") for w in people] + [(w, "<host>") for w in {host, host.partition(".")[0]}]
    useful = [(w, s) for w, s in words if len(w) >= 3 and w.lower() not in _COMMON]
    return sorted(useful, key=lambda pair: -len(pair[0]))
