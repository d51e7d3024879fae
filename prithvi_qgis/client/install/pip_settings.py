"""Pass the user's pip settings to uv, which does not read them.

Users behind a proxy or a mirror have usually configured pip. uv's own settings take precedence.
"""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Mapping
from pathlib import Path

_UV_INDEX_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_NO_INDEX")
_UV_FILE_NAMES_INDEX = re.compile(r"^\s*(\[\[(pip\.)?index\]\]|(index-url|default-index|no-index|index)\s*=)", re.M)
_SYSTEM_FILE = Path("/etc/pip.conf")


def uv_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return variables for uv with pip's settings, except where uv has a setting.

    pip's ``extra-index-url`` is not passed on: the locks name only files of the main index, and uv would prefer another
    build of the same version from the extra index, whose checksum differs.
    """
    pip = _pip_settings(environment)
    found: dict[str, str] = {}
    if not any(environment.get(v) for v in _UV_INDEX_VARIABLES) and not _uv_file_names_index(environment):
        if pip.get("no-index", "").lower() in ("1", "true", "yes", "on"):
            found["UV_NO_INDEX"] = "1"
            found["UV_FIND_LINKS"] = ",".join(pip.get("find-links", "").split())
        elif pip.get("index-url"):
            found["UV_DEFAULT_INDEX"] = pip["index-url"]
    if pip.get("proxy"):
        found.update(dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), pip["proxy"]))
    certificate = pip.get("cert") or environment.get("REQUESTS_CA_BUNDLE") or environment.get("CURL_CA_BUNDLE")
    if certificate:
        found["SSL_CERT_FILE"] = certificate
    if pip.get("client-cert"):
        found["SSL_CLIENT_CERT"] = pip["client-cert"]
    if pip.get("trusted-host"):
        found["UV_INSECURE_HOST"] = " ".join(pip["trusted-host"].split())
    if re.fullmatch(r"\d+(\.\d+)?", pip.get("timeout") or pip.get("default-timeout") or ""):
        found["UV_HTTP_TIMEOUT"] = str(int(float(pip.get("timeout") or pip["default-timeout"])))
    present = {k.upper() for k, v in environment.items() if v}
    return {k: v for k, v in found.items() if v and k not in present}


def pip_variables(environment: Mapping[str, str], offered: Mapping[str, str]) -> dict[str, str]:
    """Return the ``offered`` variables under pip's names, which differ from uv's for certificates.

    Variables that would override pip's own settings are left out.
    """
    pip = _pip_settings(environment)
    found = {k: v for k, v in offered.items() if k != "SSL_CERT_FILE" and not pip.get("proxy")}
    own = pip.get("cert") or any(environment.get(v) for v in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"))
    if offered.get("SSL_CERT_FILE") and not own:
        found["PIP_CERT"] = offered["SSL_CERT_FILE"]
    return found


def _pip_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return pip's settings by long option name: files in pip's order, then variables; later ones take precedence."""
    settings: dict[str, str] = {}
    for path in _pip_files(environment):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue  # pip itself would refuse it; uv runs without
        for section in ("global", "install"):
            if parser.has_section(section):
                settings.update({k.replace("_", "-"): v for k, v in parser.items(section)})
    for name, value in environment.items():
        if name.startswith("PIP_") and value:
            settings[name[4:].lower().replace("_", "-")] = value
    return settings


def _pip_files(environment: Mapping[str, str]) -> list[Path]:
    """Return the paths of pip's configuration files, lowest precedence first."""
    chosen = environment.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:
        return []
    home = Path(environment.get("HOME") or "~").expanduser()
    shared = (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
    own = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    files = [Path(p) / "pip" / "pip.conf" for p in shared] + [_SYSTEM_FILE]
    files += [home / ".pip" / "pip.conf", own / "pip" / "pip.conf"]
    return files + ([Path(chosen)] if chosen else [])


def _uv_file_names_index(environment: Mapping[str, str]) -> bool:
    """Whether a configuration file of uv sets an index."""
    home = Path(environment.get("HOME") or "~").expanduser()
    own = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    for path in (environment.get("UV_CONFIG_FILE"), own / "uv" / "uv.toml", "/etc/uv/uv.toml"):
        try:
            if path and _UV_FILE_NAMES_INDEX.search(Path(path).read_text(encoding="utf-8")):
                return True
        except (OSError, UnicodeDecodeError):
            continue
    return False
