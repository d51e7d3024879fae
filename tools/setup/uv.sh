#!/bin/bash
# The pinned uv, checked by its checksum, in build/tools.
set -euo pipefail
rm -rf build/tools
/usr/bin/python3 -m venv build/tools
build/tools/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
    -r resources/engine/bootstrap.lock
touch "$PRITHVI_QGIS_UV"
