#!/usr/bin/python3
"""Print an apt source for Debian backports, derived from the machine's own Debian source.

Mirror, keys and options stay; only the suite changes. Usage: backports.py CODENAME
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

APT = Path("/etc/apt")


def stanzas(apt: Path = APT) -> Iterator[dict[str, str]]:
    """Yield the machine's enabled sources as deb822 fields."""
    for path in sorted(apt.glob("sources.list.d/*.sources")):
        for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
            text = "\n".join(line for line in block.splitlines() if not line.startswith("#"))
            fields = {k.lower(): v.strip() for k, v in re.findall(r"^([\w-]+):((?:.*)(?:\n[ \t].*)*)", text, re.M)}
            enabled = fields.get("enabled", "yes").lower() not in ("no", "false", "0")
            if enabled and "deb" in fields.get("types", "").split():
                yield fields
    for path in [apt / "sources.list", *sorted(apt.glob("sources.list.d/*.list"))]:
        if path.is_file():
            yield from filter(None, map(one_line, path.read_text(encoding="utf-8").splitlines()))


def one_line(line: str) -> dict[str, str] | None:
    """Return a line of the old format as deb822 fields, or None."""
    found = re.match(r"deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)", line.strip())
    if not found:
        return None
    fields = {"types": "deb", "uris": found[2], "suites": found[3], "components": found[4].strip()}
    for option in (found[1] or "").split():
        key, _, value = option.partition("=")
        fields[{"arch": "architectures"}.get(key.lower(), key.lower())] = value.replace(",", " ")
    return fields


def backports(codename: str, apt: Path = APT) -> str | None:
    """Return the source for backports, or None without a Debian source to copy."""
    fitting = [
        s for s in stanzas(apt) if codename in s.get("suites", "").split() and "main" in s.get("components", "").split()
    ]
    # Another publisher's source may carry the same suite and component: Debian's address ends in /debian.
    fitting.sort(key=lambda s: not re.search(r"/debian/?$", s.get("uris", "").split()[0]))
    if not fitting:
        return None
    source = {**fitting[0], "types": "deb", "suites": f"{codename}-backports", "components": "main"}
    return "\n".join(f"{key.title()}: {value}" for key, value in source.items())


if __name__ == "__main__":
    text = backports(sys.argv[1])
    if not text:
        sys.exit(f"{APT} has no Debian source for {sys.argv[1]} to copy: add {sys.argv[1]}-backports by hand.")
    print(text)
