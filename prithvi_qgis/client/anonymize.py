"""Remove personal data from a text before it is pasted into a bug report.

Rather too much than too little: a folder may be named after a customer, a link's query may contain a key.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
from collections.abc import Iterable
from pathlib import Path

# Account names that do not identify a person.
_COMMON = {"root", "user", "users", "admin", "ubuntu", "debian", "qgis", "home", "docker", "runner", "localhost"}
_URL = re.compile(r"\b([a-z][a-z0-9+.-]*://)([^\s/\"'<>]*)(/[^\s\"'<>]*)?", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
# At least two folders: "/tmp" and "and/or" are harmless. A blank ends a path, since nothing else marks its end.
_UNIX_PATH = re.compile(r"(?<![\w/.~:-])(~|/[^\s/\"'<>:|,;()\[\]]+)((?:/[^\s/\"'<>:|,;()\[\]]+)+)(/?)")
_WINDOWS_PATH = re.compile(r"\b([A-Za-z]:)((?:[\\/][^\s\\/\"'<>:|,;]+)+)")


def anonymous(text: str, folders: Iterable[Path] = ()) -> str:
    """Return ``text`` without names of people and machines, and with shortened paths.

    Args:
        folders: replaced by ``~``, as the home folder is; such as the data folder's parent.
    """
    text = _URL.sub(_short_url, text)
    text = _MAIL.sub("<mail>", text)
    homes = sorted({str(p) for p in (Path.home(), *folders)}, key=len, reverse=True)
    for home in homes:
        if len(Path(home).parts) > 1:
            text = re.sub(re.escape(home) + r"(?![\w-])", "~", text)
    text = _WINDOWS_PATH.sub(_short_windows, text)
    text = _UNIX_PATH.sub(_short_unix, text)
    for word, replacement in _names():
        text = re.sub(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", replacement, text, flags=re.IGNORECASE)
    return text


def _short_url(match: re.Match[str]) -> str:
    """Keep the server and the end of the path; drop user, password and query."""
    scheme, server, path = match.groups()
    if scheme.lower() == "file://" and not server:
        return (path or "").partition("?")[0]
    host = server.rpartition("@")[2]
    last = (path or "").partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    return f"{scheme}{host}" + (f"/…/{last}" if last else "")


def _short_unix(match: re.Match[str]) -> str:
    first, rest, slash = match.groups()
    names = rest.strip("/").split("/")
    return match[0] if first == "~" and len(names) == 1 else f"{first}/…/{names[-1]}{slash}"


def _short_windows(match: re.Match[str]) -> str:
    names = re.split(r"[\\/]", match[2].strip("\\/"))
    return match[0] if len(names) == 1 else f"{match[1]}\\…\\{names[-1]}"


def _names() -> list[tuple[str, str]]:
    """Return the names to replace with their replacements, the longest first."""
    people = {os.environ.get(v, "") for v in ("USER", "LOGNAME", "USERNAME", "SUDO_USER")}
    try:
        people.add(getpass.getuser())
        import pwd

        account = pwd.getpwuid(os.getuid())
        full = account.pw_gecos.partition(",")[0]
        people.update([account.pw_name, full, *full.split()])
    except (ImportError, KeyError, OSError):
        pass  # not available on this system
    host = socket.gethostname()
    names = [(w, "<user>") for w in people] + [(w, "<host>") for w in {host, host.partition(".")[0]}]
    useful = [(w, s) for w, s in names if len(w) >= 3 and w.lower() not in _COMMON]
    return sorted(useful, key=lambda pair: -len(pair[0]))
