#!/bin/bash
# Every suite, each in the Python it belongs to, several at a time; then one line for all of them. A suite's output
# goes to build/test-output and is shown when the suite has ended. SUITES, PYTEST and JOBS narrow it down:
#   make test SUITES=unit PYTEST='-k tiling'
set -uo pipefail
# The longest first, so that none of them is left alone at the end.
suites=${SUITES:-engine headless unit desktop qgis}
suites=" $suites "
suites=${suites/ engine / engine_vllm engine_ray engine_cpu }
# One more than there are cores: most suites wait for processes that they started.
jobs=${JOBS:-$(($(nproc) + 1))}
read -r -a extra <<<"${PYTEST:-}"

# Tests have data folders of their own, so that nobody's running engine is disturbed; the engine itself is shared.
engine=$(PYTHONPATH=build/plugins /usr/bin/python3 -c 'from prithvi_qgis.core.system.paths import home; print(home() / "engine")')
homes=$PWD/build/test-home
mkdir -p build/coverage build/junit build/test-output
# The engine's own suite runs on the CPU everywhere; a machine with a GPU may have the other variant only.
[ -e "$engine/cpu/prithvi-ready.json" ] || PRITHVI_QGIS_HOME=$(dirname "$engine") VARIANT=2 tools/setup/engine.sh || exit 1
# Runs with several workers need Ray.
[ -e "$engine/cpu-ray/prithvi-ready.json" ] || PRITHVI_QGIS_HOME=$(dirname "$engine") VARIANT=2 RAY=1 tools/setup/engine.sh || exit 1

engine_tools=build/pytest-engine
if [ ! -e "$engine_tools/ready" ] || [ tools/setup/engine-tests.lock -nt "$engine_tools/ready" ]; then
    rm -rf "$engine_tools"
    "$PRITHVI_QGIS_UV" pip install --quiet --require-hashes --no-deps --python "$engine/cpu/bin/python" \
        --target "$engine_tools" -r tools/setup/engine-tests.lock && touch "$engine_tools/ready"
fi

# What one suite runs, in its own data folder.
run_suite() {
    local suite=$1 folder=tests/$1 path=$PWD/build/plugins
    local python=(build/venv/bin/python) options=()
    case $suite in
        qgis) [ -n "${DISPLAY:-}" ] || python=(env QT_QPA_PLATFORM=xcb xvfb-run -a build/venv/bin/python) ;;
        unit) options=(-p no:pytest_qgis -n 2 --dist loadfile) ;;
        headless | desktop) options=(-p no:pytest_qgis) ;;  # it would start a QGIS in the tests' own process
        engine_cpu) options=(-m "not vllm and not ray") ;;
        engine_vllm) options=(-m vllm) ;;
        engine_ray) options=(-m ray) ;;
    esac
    # The engine's Python stays as the lock made it: pytest comes from a folder beside it.
    [[ $suite != engine_* ]] || { folder=tests/engine python=("$engine/cpu/bin/python") path=$PWD/$engine_tools:$PWD; }
    export PRITHVI_QGIS_HOME=$homes/$suite COVERAGE_FILE=build/coverage/.coverage.$suite PYTHONPATH=$path
    mkdir -p "$PRITHVI_QGIS_HOME"
    ln -sfn "$engine" "$PRITHVI_QGIS_HOME/engine"
    "${python[@]}" -m coverage run -m pytest "${options[@]}" "$folder" --junitxml="build/junit/$suite.xml" "${extra[@]}"
}

failed=()
declare -A names=()
# Waits for any suite to end, and shows what it said.
finish_one() {
    local pid code=0
    wait -n -p pid "${!names[@]}" || code=$?
    if [ -z "${pid:-}" ]; then  # bash had taken note of its end before
        pid=${!names[*]} pid=${pid%% *} code=0
        wait "$pid" || code=$?
    fi
    local suite=${names[$pid]}
    unset "names[$pid]"
    echo "== $suite"
    cat "build/test-output/$suite.txt"
    # 5: no test of this suite is among those that PYTEST asks for.
    [ $code -eq 0 ] || { [ $code -eq 5 ] && [ ${#extra[@]} -gt 0 ]; } || failed+=("$suite")
}

rm -f build/coverage/.coverage* build/junit/*.xml build/test-output/*
set -m  # each suite leads a process group, so that what it started ends with it
trap 'for pid in "${!names[@]}"; do kill -- "-$pid" 2>/dev/null; done; exit 130' INT TERM
for suite in $suites; do
    [ -d "tests/${suite%%_*}" ] || { echo "no tests/$suite" >&2; failed+=("$suite"); continue; }
    if [ "$suite" = desktop ] && ! command -v qgis >/dev/null; then
        echo "== desktop: skipped, this machine has QGIS's libraries but not its window (the program qgis)"
        continue
    fi
    [ ${#names[@]} -lt "$jobs" ] || finish_one
    run_suite "$suite" >"build/test-output/$suite.txt" 2>&1 </dev/null &
    names[$!]=$suite
done
while [ ${#names[@]} -gt 0 ]; do finish_one; done

export COVERAGE_FILE=build/coverage/.coverage
build/venv/bin/python -m coverage combine --quiet build/coverage/.coverage.* && build/venv/bin/python -m coverage report >build/coverage/report.txt
sed -n 's/^TOTAL.* /coverage of all suites: /p' build/coverage/report.txt
build/venv/bin/python tools/setup/summary.py build/junit "${failed[@]}"
