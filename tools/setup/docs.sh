#!/bin/bash
# The documentation as a site in build/site, built without a network by the locked mkdocs.
set -euo pipefail
venv=build/docs-venv
if [[ ! -e $venv/ready || tools/setup/docs.lock -nt $venv/ready ]]; then
    rm -rf "$venv"
    /usr/bin/python3 -m venv --without-pip "$venv"
    "$PRITHVI_QGIS_UV" pip install --quiet --require-hashes --no-deps --python "$venv/bin/python" -r tools/setup/docs.lock
    touch "$venv/ready"
fi
NO_MKDOCS_2_WARNING=1 "$venv/bin/python" -m mkdocs build --quiet --strict --clean
/usr/bin/python3 tools/setup/check_site.py build/site
