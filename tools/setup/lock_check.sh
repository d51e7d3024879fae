#!/bin/bash
# Compare the engine's locks with the index: files for each Python and processor, of the glibc that the documents name.
set -euo pipefail
target=$(mktemp -d)
trap 'rm -rf "$target"' EXIT
for python in $(PYTHONPATH=$PWD /usr/bin/python3 -c 'from prithvi_qgis.client.install.python_versions import PYTHONS; print(*PYTHONS)'); do
    for platform in x86_64-manylinux_2_31 aarch64-manylinux_2_31; do
        for name in cpu cuda ray build bootstrap; do
            [ "$platform $name" != "aarch64-manylinux_2_31 cuda" ] || platform=aarch64-manylinux_2_34
            # antlr4-python3-runtime is the one package that exists as source alone.
            "$PRITHVI_QGIS_UV" pip install --quiet --dry-run --require-hashes --no-deps --only-binary :all: \
                --no-binary antlr4-python3-runtime --target "$target" --python /usr/bin/python3 \
                --python-version "$python" --python-platform "$platform" -r "resources/engine/$name.lock" || {
                echo "$name.lock does not serve Python $python on $platform." >&2
                exit 1
            }
        done
    done
done
echo "The locks serve every Python on both processors."
