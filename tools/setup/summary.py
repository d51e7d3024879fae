"""Print one line for all suites, in pytest's format. Usage: summary.py JUNIT_FOLDER [FAILED_SUITE...]"""

from __future__ import annotations

import re
import sys
from pathlib import Path


def main(folder: Path, failed: list[str]) -> int:
    """Add up the suites' JUnit reports; returns 0 if all passed."""
    total = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    seconds = 0.0
    for report in sorted(folder.glob("*.xml")):
        head = re.search(r"<testsuite [^>]*>", report.read_text(encoding="utf-8"))
        counts = dict(re.findall(r'(\w+)="([\d.]+)"', head[0])) if head else {}
        for name in total:
            total[name] += int(counts.get(name, 0))
        seconds += float(counts.get("time", 0))
    bad = total["failures"] + total["errors"]
    parts = [f"{total['failures']} failed"] * bool(total["failures"])
    parts += [f"{total['tests'] - bad - total['skipped']} passed"]
    parts += [f"{total['skipped']} skipped"] * bool(total["skipped"]) + [f"{total['errors']} errors"] * bool(
        total["errors"]
    )
    which = f" (failed: {', '.join(failed)})" if failed else ""
    print(f"===== {', '.join(parts)} in {seconds:.2f}s{which} =====")
    return 1 if failed or bad or not total["tests"] else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
