#!/bin/bash
# The pinned uv, checked by its checksum, in build/tools: by a venv's pip, or the system's. Else the system's own uv.
set -euo pipefail
rm -rf build/tools
options=(--quiet --disable-pip-version-check --no-input --require-hashes -r resources/engine/bootstrap.lock)
if /usr/bin/python3 -c 'import venv, ensurepip' 2>/dev/null; then
    /usr/bin/python3 -m venv build/tools
    build/tools/bin/python -m pip install "${options[@]}"
elif /usr/bin/python3 -m pip --version >/dev/null 2>&1; then
    /usr/bin/python3 -m pip install "${options[@]}" --root-user-action=ignore --target build/tools
else
    mkdir -p build/tools/bin
    printf '#!/bin/sh\nexec %q "$@"\n' "$(command -v uv)" >"$PRITHVI_QGIS_UV"
    chmod +x "$PRITHVI_QGIS_UV"
fi
touch "$PRITHVI_QGIS_UV"
