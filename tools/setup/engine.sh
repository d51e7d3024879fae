#!/bin/bash
# Install the engine through the plugin's own algorithm, unless it is installed.
set -euo pipefail
if [ -z "${WHEELHOUSE:-}" ] && PYTHONPATH=build/plugins /usr/bin/python3 tools/setup/engine_ready.py "$VARIANT" "${RAY:+ray}"; then
    exit 0
fi
mkdir -p "$QGIS_CUSTOM_CONFIG_PATH"
# Fails if it is enabled already; if it cannot be enabled, the run below reports it.
qgis_process plugins enable prithvi_qgis >/dev/null 2>&1 || true
options=(--VARIANT="$VARIANT")
[ -n "${WHEELHOUSE:-}" ] && options+=(--WHEELHOUSE="$WHEELHOUSE")
[ -n "${RAY:-}" ] && options+=(--RAY=true)
qgis_process run prithvi:installengine "${options[@]}"
