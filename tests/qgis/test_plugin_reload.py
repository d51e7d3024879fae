"""Enable, disable, reload, remove: again and again, without a trace."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import QCoreApplication, QEvent

import prithvi_qgis
from support.plugin_settings import DesktopWithOptions, clear_settings, known_to_qgis

NAME = "prithvi_qgis"
TIMES = 10


@pytest.fixture()
def messages(qgis_app):
    """All that is written to the message log."""
    said = []

    def note(text, tag, level):
        said.append(f"{tag}: {text}")

    log = QgsApplication.messageLog()
    log.messageReceived.connect(note)
    yield said
    log.messageReceived.disconnect(note)


@pytest.fixture()
def manager(fresh, monkeypatch, qgis_processing):
    """QGIS's own plugin machinery with a window of ours."""
    import qgis.utils

    iface = DesktopWithOptions()
    monkeypatch.setattr(qgis.utils, "iface", iface)
    kept = {name: module for name, module in sys.modules.items() if name.split(".")[0] == NAME}
    folder = str(Path(prithvi_qgis.__file__).parent.parent)
    # The plugin manager only forgets what it has imported itself.
    for name in kept:
        del sys.modules[name]
    monkeypatch.setattr(qgis.utils, "plugin_paths", [folder])
    monkeypatch.setattr(qgis.utils, "available_plugins", [NAME])
    clear_settings()
    yield qgis.utils, iface
    if qgis.utils.isPluginLoaded(NAME):
        qgis.utils.unloadPlugin(NAME)
    for name in [n for n in sys.modules if n.split(".")[0] == NAME]:
        del sys.modules[name]
    sys.modules.update(kept)


def provider():
    return QgsApplication.processingRegistry().providerById("prithvi")


def state(iface) -> dict:
    """What the plugin has added to QGIS."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    return {
        "provider": provider() is not None,
        "algorithms": [a.id() for a in provider().algorithms()] if provider() else [],
        "menu": iface.titles(),
        "pages": len(iface.factories),
        "settings": known_to_qgis(),
        "lines": iface.said(),
        "children": len(iface.window.children()),
    }


def test_enabled_and_disabled_ten_times_it_leaves_nothing_and_adds_all_once(manager, messages):
    utils, iface = manager
    utils.loadPlugin(NAME)
    before = state(iface)
    assert before == {**before, "provider": False, "menu": [], "pages": 0, "settings": [], "lines": []}
    seen = []
    for _ in range(TIMES):
        assert utils.loadPlugin(NAME)
        assert utils.startPlugin(NAME), messages[-1]
        seen.append(state(iface))
        assert utils.unloadPlugin(NAME)
        assert state(iface) == before
    first, *others = seen
    assert first["provider"] and first["pages"] == 1 and len(first["settings"]) > 5 and first["menu"]
    assert len(set(first["menu"])) == len(first["menu"])
    assert len(first["lines"]) == 1  # the offer to set up, the first time only
    without_line = {**first, "lines": [], "children": others[0]["children"]}
    assert all(s == without_line for s in others)
    # The message bar writes what it shows into the log.
    assert messages == ["Messages: Prithvi : The engine that runs the models is not installed yet."]


def test_reloaded_ten_times_it_stays_the_same(manager, messages):
    utils, iface = manager
    QgsSettings().setValue("plugins/prithvi_qgis/hint_shown", True)
    utils.loadPlugin(NAME)
    utils.startPlugin(NAME)
    first = state(iface)
    for _ in range(TIMES):
        utils.reloadPlugin(NAME)
        assert state(iface) == first
    assert messages == []


def test_removing_it_ten_times_takes_its_modules_along(manager, messages):
    utils, _ = manager
    QgsSettings().setValue("plugins/prithvi_qgis/hint_shown", True)
    for _ in range(TIMES):
        assert utils.loadPlugin(NAME) and utils.startPlugin(NAME)
        assert utils.unloadPlugin(NAME)
        # QGIS forgets packages that are only passed through; they hold a docstring and no code.
        left = [n for n in sys.modules if n.split(".")[0] == NAME and not hasattr(sys.modules[n], "__path__")]
        assert left == []
    assert messages == []


def test_its_start_loads_nothing_that_only_a_run_needs(manager):
    """These are a third of what the start would cost; tools/bench/start_up.py measures it."""
    utils, _ = manager
    utils.loadPlugin(NAME)
    utils.startPlugin(NAME)
    for late in (
        "core.protocol.messages",
        "client.engine.engine_client",
        "client.install.engine_installer",
        "algorithms.reports.html_report",
        "gui.setup.setup_dialog",
    ):
        assert f"{NAME}.{late}" not in sys.modules


def test_values_of_settings_survive_a_reload(manager):
    utils, _ = manager
    utils.loadPlugin(NAME)
    utils.startPlugin(NAME)
    sys.modules["prithvi_qgis.settings"].BATCH_SIZE.write(9)
    utils.reloadPlugin(NAME)
    assert sys.modules["prithvi_qgis.settings"].batch_size() == 9
