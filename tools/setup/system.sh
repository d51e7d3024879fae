#!/bin/bash
# Install what is missing: QGIS 3.40 or newer with its Python, and what the engine's installation needs; with the
# argument "tests" also what only tests and checks need (venv, Xvfb).
set -euo pipefail

have_qgis() {
    # The version from the library's name: asking qgis_process would take seconds.
    [ -x /usr/bin/qgis_process ] && /usr/bin/python3 - <<'PY' 2>/dev/null
import importlib.util, os, re, sys
names = [n for d in ("/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64")
         if os.path.isdir(d) for n in os.listdir(d)]
found = [tuple(map(int, m.groups())) for n in names if (m := re.match(r"libqgis_core\.so\.(\d+)\.(\d+)", n))]
sys.exit(not (found and max(found) >= (3, 40) and importlib.util.find_spec("qgis")))
PY
}
have_uv() { [ -x "${PRITHVI_QGIS_UV:-}" ] || command -v uv >/dev/null || /usr/bin/python3 -m pip --version >/dev/null 2>&1 || have_venv; }
have_venv() { /usr/bin/python3 -c 'import venv, ensurepip' 2>/dev/null; }
have_xvfb() { [ -x /usr/bin/Xvfb ] && [ -x /usr/bin/xauth ]; }
have_libnuma() { ldconfig -p | grep 'libnuma\.so\.1 ' >/dev/null; } # vLLM's CPU build links to it

missing=()
have_qgis || missing+=(qgis python3-qgis)
have_uv || missing+=(python3-venv)
have_libnuma || missing+=(libnuma1)
if [ "${1:-}" = tests ]; then
    have_venv || [[ " ${missing[*]} " == *" python3-venv "* ]] || missing+=(python3-venv)
    have_xvfb || missing+=(xvfb xauth)
fi
[ ${#missing[@]} -eq 0 ] && exit 0

distribution=$(. /etc/os-release 2>/dev/null && echo "${ID:-unknown} ${VERSION_ID:-}")
if ! command -v apt-get >/dev/null || [[ $distribution != debian\ * ]]; then
    echo "This system ($distribution) lacks what Debian calls ${missing[*]}. Install it (QGIS 3.40 or newer; make demo also" \
        "takes uv or pip in place of python3-venv), then run make again; on Debian make does that itself." >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "Missing: ${missing[*]}. Run make as root once, or install sudo." >&2; exit 1; }
    as_root=(sudo)
fi
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 "$@"; }
# The version that apt would install from the release $1 (or by default): 3.40 or newer?
fresh_enough() {
    local version
    version=$(LC_ALL=C apt-get -s ${1:+-t "$1"} --no-install-recommends install qgis 2>/dev/null |
        sed -nE 's/^Inst qgis (\[[^]]*\] )?\(([^ ]+).*/\2/p; s/^qgis is already the newest version \((.*)\)\.$/\1/p' | head -1)
    [ -n "$version" ] && dpkg --compare-versions "$version" ge 3.40
}

echo "Installing from Debian: ${missing[*]}"
apt update
# On the barest system even the Python that QGIS brings is missing; backports.py needs one.
[ -x /usr/bin/python3 ] || apt install -y --no-install-recommends python3
release=()
if [[ " ${missing[*]} " == *" qgis "* ]] && ! fresh_enough; then
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    if ! fresh_enough "$codename-backports"; then
        source=$(tools/setup/backports.py "$codename")
        echo "$source" | "${as_root[@]}" tee /etc/apt/sources.list.d/prithvi-qgis-backports.sources >/dev/null
        apt update
    fi
    fresh_enough "$codename-backports" || {
        echo "QGIS 3.40 is not to be had from $codename-backports of this machine's Debian source. Install QGIS 3.40 or" \
            "newer by hand, then run make again." >&2
        exit 1
    }
    release=(-t "$codename-backports")
fi
apt install -y --no-install-recommends "${release[@]}" "${missing[@]}"
have_qgis || { echo "Debian's packages are installed, but QGIS 3.40 is not found." >&2; exit 1; }
