#!/bin/bash
# Create a venv of QGIS's Python, which has qgis and osgeo, with the tools for tests and checks.
set -euo pipefail
rm -rf build/venv
/usr/bin/python3 -m venv --system-site-packages --without-pip build/venv
"$PRITHVI_QGIS_UV" pip install --quiet --require-hashes --no-deps --python build/venv/bin/python -r tools/setup/dev.lock
touch build/venv/ready
