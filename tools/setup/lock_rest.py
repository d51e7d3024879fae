#!/usr/bin/env python3
"""Print a lock without the packages in a list of ``name==version`` lines. Usage: lock_rest.py LOCK LIST"""

from __future__ import annotations

import re
import sys
from pathlib import Path

held = {line.split("==")[0] for line in Path(sys.argv[2]).read_text().split()}
text = Path(sys.argv[1]).read_text()
entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
print("".join(e for e in entries if e.strip() and e.split("==")[0] not in held), end="")
