"""Check that no page of a built site loads anything from elsewhere: python3 check_site.py FOLDER."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

ELSEWHERE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
LINKS = {"a", "area"}  # what a reader may follow; everything else is loaded with the page
ADDRESSES = {"src", "href", "srcset", "data", "poster", "action"}


class Loads(HTMLParser):
    """Collects the addresses of other hosts that a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note addresses of another host; a canonical link loads nothing."""
        if tag not in LINKS and ("rel", "canonical") not in attrs:
            self.found += [f"<{tag}> {v}" for name, v in attrs if name in ADDRESSES and v and ELSEWHERE.match(v)]


def main() -> int:
    """Print each address of another host; the exit code is 1 where there is one."""
    folder, found, pages = Path(sys.argv[1]), [], 0
    for page in sorted(folder.rglob("*.html")):
        loads = Loads()
        loads.feed(page.read_text(encoding="utf-8"))
        found += [f"{page.relative_to(folder)}: {text}" for text in loads.found]
        pages += 1
    for sheet in sorted(folder.rglob("*.css")):
        imported = re.findall(r"(?:url\(|@import)\s*['\"]?(https?:|//)", sheet.read_text(encoding="utf-8"))
        found += [f"{sheet.relative_to(folder)}: {text}" for text in imported]
    print("\n".join(found) or f"{folder}: {pages} pages, none loads anything from elsewhere")
    return 1 if found or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
