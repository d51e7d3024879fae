"""Run detect-secrets over the tree; any finding fails. Lock files are left out: each checksum would be a finding."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings


def main() -> int:
    """Print each finding; returns 1 if there are any."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True, check=True
    )
    names = [n for n in listing.stdout.decode().split("\0") if n and not n.endswith(".lock") and Path(n).is_file()]
    secrets = SecretsCollection()
    with default_settings():
        for name in names:
            secrets.scan_file(name)
    found = [f"{name}:{secret.line_number}: {secret.type}" for name, secret in secrets]
    sys.stderr.writelines(f"{line}\n" for line in found)
    print(f"secrets: {len(found)} findings in {len(names)} files")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
