#!/bin/bash
# Write a bundle through the plugin's own algorithm.
set -euo pipefail
mkdir -p "$QGIS_CUSTOM_CONFIG_PATH"
qgis_process plugins enable prithvi_qgis >/dev/null 2>&1 || qgis_process plugins enable prithvi_qgis
options=(--VARIANT="$VARIANT" --OUTPUT="$OUTPUT")
for name in PYTHON ARCHITECTURE MODELS PART_SIZE_MB; do
    [ -n "${!name:-}" ] && options+=(--"$name"="${!name}")
done
qgis_process run prithvi:exportbundle "${options[@]}"
