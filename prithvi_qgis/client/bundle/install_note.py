"""``INSTALL.txt``: the instructions in a bundle, with the exact commands."""

from __future__ import annotations

from ... import __version__
from ..install.bundle_record import JOIN, NOTE, SUMS, TOP, BundleRecord

_HEAD = f"Prithvi EO segmentation for QGIS {__version__}, for machines without a network"
_ALSO = {
    "cpu": "the library libnuma (Debian, Ubuntu: libnuma1; Fedora, RHEL: numactl-libs)",
    "cuda": "an NVIDIA GPU with driver 580 or newer",
}


def install_note(record: BundleRecord, titles: dict[str, str], plugin_zip: str) -> str:
    """Return the instructions of a bundle.

    Args:
        titles: model ids to titles.
        plugin_zip: name of the plugin's zip file.
    """
    needs = ["- QGIS 3.40 or newer"]
    for engine in record.engines:
        glibc = f" with glibc {engine.glibc} or newer (ldd --version)" if engine.glibc else ""
        system = f"Linux on {engine.machine}{glibc}, Python {engine.python}, {_ALSO[engine.variant]}"
        needs.append(f"- for {engine.title}: {system}")
    engines = [
        f'qgis_process run prithvi:installengine --VARIANT={1 if e.variant == "cuda" else 2} --WHEELHOUSE="$PWD"'
        f"{' --RAY=true' if e.ray else ''}    # {e.title[4:]}"
        for e in record.engines
    ]
    models = [
        f'qgis_process run prithvi:importmodel --CONFIG="$PWD/models/{name}/model.json"    # {titles.get(name, name)}'
        for name in sorted(record.models)
    ]
    model = sorted(record.models)[0] if record.models else "demo-water"
    lines = [
        _HEAD,
        "",
        "Needed on the machine beside this folder:",
        *needs,
        "",
        "All commands are run in this folder. Nothing in them uses a network.",
        "",
        "1. Is everything there?",
        f"   sha256sum -c {SUMS}",
        "",
        "2. The plugin. In QGIS: Plugins > Manage and Install Plugins > Install from ZIP, choose",
        f"   {plugin_zip}. On a server:",
        '   mkdir -p "$HOME/.local/share/QGIS/QGIS3/profiles/default/python/plugins"',
        f'   python3 -m zipfile -e {plugin_zip} "$HOME/.local/share/QGIS/QGIS3/profiles/default/python/plugins"',
        "   qgis_process plugins enable prithvi_qgis",
        "",
        "3. The engine (or: Install engine in the Toolbox, with this folder as folder of wheels).",
        *(f"   {line}" for line in engines),
        "",
        "4. The models (or: Import model in the Toolbox, with model.json as configuration).",
        *((f"   {line}" for line in models) if models else ("   None is in this bundle.",)),
        "",
        "5. A scene.",
        f"   qgis_process run prithvi:segment --INPUT=scene.tif --MODEL={model} --OUTPUT=mask.tif",
        "",
    ]
    return "\n".join(lines)


def volumes_note(size: str) -> str:
    """Return the instructions next to the volumes of a bundle; ``size`` is the disk space that they need."""
    lines = [
        _HEAD,
        "",
        "This is a bundle in parts. Copy all files of this folder into one folder of the machine, with"
        f" {size} of free disk",
        "beside them, and run there:",
        "",
        f"   sh {JOIN}",
        "",
        f"It checks the parts and puts them together in {TOP}/; {NOTE} there tells the rest.",
        "",
    ]
    return "\n".join(lines)
