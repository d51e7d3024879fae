#!/bin/bash
# Renew the locks: exact versions with checksums, for Python 3.11 to 3.14 on Linux (x86-64 and ARM).
set -euo pipefail
# Releases of the last days are left out: most malware is found and withdrawn within them.
newest=$(date -u -d '7 days ago' +%F)
compile() {
    "$PRITHVI_QGIS_UV" pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 \
        --exclude-newer "$newest" "$@"
}
for name in cpu cuda; do
    compile --upgrade --override resources/engine/overrides.txt "resources/engine/$name.in" -o "resources/engine/$name.lock"
done
# Packages of both variants are left out of the component's lock, which is resolved against their versions.
held=$(mktemp -d)
trap 'rm -rf "$held"' EXIT
for name in cpu cuda; do
    sed -nE 's/^([A-Za-z0-9._-]+==[^ ;\\]+).*/\1/p' "resources/engine/$name.lock" | sort -u >"$held/$name"
done
comm -12 "$held/cpu" "$held/cuda" >"$held/both"
compile --upgrade --constraint "$held/both" resources/engine/ray.in -o "$held/ray.lock"
tools/setup/lock_rest.py "$held/ray.lock" "$held/both" >resources/engine/ray.lock
compile --upgrade resources/engine/build.in -o resources/engine/build.lock
compile --upgrade resources/engine/bootstrap.in -o resources/engine/bootstrap.lock
for name in dev docs engine-tests; do
    compile --upgrade "tools/setup/$name.in" -o "tools/setup/$name.lock"
done
if grep -nE '://|^-' resources/engine/*.lock tools/setup/*.lock; then
    echo "A lock names a source: packages come from the sources in the user's settings." >&2
    exit 1
fi
tools/setup/lock_check.sh
