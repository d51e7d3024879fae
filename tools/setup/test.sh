#!/bin/bash
# Run every suite in its Python, then print one line for all of them. SUITES and PYTEST narrow it down:
#   make test SUITES=unit PYTEST='-k tiling'
set -uo pipefail
suites=${SUITES:-unit qgis headless desktop engine}
read -r -a extra <<<"${PYTEST:-}"

# Tests use a separate data folder, so that a running engine is not disturbed; the installed engine is shared.
engine=$(PYTHONPATH=build/plugins /usr/bin/python3 -c 'from prithvi_qgis.core.system.paths import home; print(home() / "engine")')
export PRITHVI_QGIS_HOME=$PWD/build/test-home
mkdir -p "$PRITHVI_QGIS_HOME" build/coverage build/junit
ln -sfn "$engine" "$PRITHVI_QGIS_HOME/engine"
# The engine suite always runs on the CPU; a machine with a GPU may have only the CUDA variant installed.
[ -e "$engine/cpu/prithvi-ready.json" ] || PRITHVI_QGIS_HOME=$(dirname "$engine") VARIANT=2 tools/setup/engine.sh
# Runs with several workers need Ray.
[ -e "$engine/cpu-ray/prithvi-ready.json" ] || PRITHVI_QGIS_HOME=$(dirname "$engine") VARIANT=2 RAY=1 tools/setup/engine.sh
engine_python=$PRITHVI_QGIS_HOME/engine/cpu/bin/python

engine_tools=build/pytest-engine
if [ ! -e "$engine_tools/ready" ] || [ tools/setup/engine-tests.lock -nt "$engine_tools/ready" ]; then
    rm -rf "$engine_tools"
    "$PRITHVI_QGIS_UV" pip install --quiet --require-hashes --no-deps --python "$engine_python" \
        --target "$engine_tools" -r tools/setup/engine-tests.lock && touch "$engine_tools/ready"
fi

rm -f build/coverage/.coverage* build/junit/*.xml
failed=()
for suite in $suites; do
    [ -d "tests/$suite" ] || { echo "no tests/$suite" >&2; failed+=("$suite"); continue; }
    if [ "$suite" = desktop ] && ! command -v qgis >/dev/null; then
        echo "== desktop: skipped, this machine has QGIS's libraries but not its window (the program qgis)"
        continue
    fi
    export COVERAGE_FILE=build/coverage/.coverage.$suite
    python=(build/venv/bin/python)
    path=$PWD/build/plugins
    plugins=()
    case $suite in
        qgis) [ -n "${DISPLAY:-}" ] || python=(env QT_QPA_PLATFORM=xcb xvfb-run -a build/venv/bin/python) ;;
        unit | headless | desktop) plugins=(-p no:pytest_qgis) ;;  # it would start a QGIS in the tests' own process
        # The engine's venv stays as locked: pytest comes from a separate folder.
        engine) python=("$engine_python") path=$PWD/$engine_tools:$PWD ;;
    esac
    echo "== $suite"
    PYTHONPATH=$path "${python[@]}" -m coverage run -m pytest "${plugins[@]}" "tests/$suite" --junitxml="build/junit/$suite.xml" "${extra[@]}"
    code=$?
    [ $code -eq 0 ] || failed+=("$suite")
done
export COVERAGE_FILE=build/coverage/.coverage
build/venv/bin/python -m coverage combine --quiet build/coverage/.coverage.* && build/venv/bin/python -m coverage report >build/coverage/report.txt
sed -n 's/^TOTAL.* /coverage of all suites: /p' build/coverage/report.txt
build/venv/bin/python tools/setup/summary.py build/junit "${failed[@]}"
