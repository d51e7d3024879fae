"""Without an engine: what is offered, what is told, and what happens then."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtCore import QCoreApplication, QEvent
from qgis.PyQt.QtWidgets import QFileDialog, QLabel, QPushButton

from prithvi_qgis import settings
from prithvi_qgis.client.install import find_python
from prithvi_qgis.client.runtime import hardware
from prithvi_qgis.client.runtime.readiness import readiness
from prithvi_qgis.core.system import paths
from prithvi_qgis.gui.setup import install_task, setup_offer
from prithvi_qgis.gui.widgets.message_line import Severity
from support.plugin_settings import DesktopWithOptions, fake_gpu
from support.qgis_window import settle, wait_for
from support.scripted_home import scripted_engine
from support.tiny_engine import make_sdist

H200 = "NVIDIA H200, 143771, 580.95.05, 9.0, 143000"
OLD_DRIVER = "NVIDIA A100-SXM4-40GB, 40960, 535.129.03, 8.0, 40000"


@pytest.fixture()
def desktop(fresh):
    """A window; whatever is open at the end is closed."""
    iface = DesktopWithOptions()
    iface.window.show()
    yield iface
    setup_offer.close_setup()
    install_task.stop(20)
    settle()
    iface.window.close()


@pytest.fixture()
def guide(desktop):
    """The plugin's first-run part, started without its line."""
    settings.HINT_SHOWN.write(True)
    part = setup_offer.FirstRun(desktop)
    yield part
    part.unload()


def opened(desktop, then=None):
    """The setup dialog, when it has looked at the machine."""
    dialog = setup_offer.show_setup(desktop.window, then)
    wait_for(lambda: dialog._machine is not None, 20)
    return dialog


def texts(dialog) -> str:
    """All that the dialog tells."""
    lines = [dialog._intro.text(), dialog._folder.text(), dialog._network.text(), dialog._line.text()]
    return "\n".join(lines + [line.text() for line in dialog._choice._why.values()])


def cut_off(dialog) -> list[str]:
    """Lines that have less room than they need."""
    QCoreApplication.processEvents()
    labels = [label for label in dialog.findChildren(QLabel) if label.isVisible() and label.text()]
    return [label.text() for label in labels if label.height() < label.heightForWidth(label.width())]


# -- the way there -----------------------------------------------------------------------------------------------------


def test_with_an_engine_nothing_is_opened(desktop, fresh):
    scripted_engine(fresh)
    assert setup_offer.ensure_engine(desktop.window, desktop, lambda: 1 / 0) is True
    assert setup_offer._open_dialog() is None


def test_without_an_engine_the_setup_opens_and_asking_again_shows_the_same(desktop):
    assert setup_offer.ensure_engine(desktop.window, desktop) is False
    dialog = setup_offer._open_dialog()
    assert dialog.isVisible()
    assert setup_offer.ensure_engine(desktop.window, desktop) is False
    assert setup_offer._open_dialog() is dialog


def test_an_engine_of_the_other_kind_than_the_settings_want_is_none(desktop, fresh):
    scripted_engine(fresh)
    settings.VARIANT.write("cuda")
    assert not setup_offer.engine_ready()


def test_the_first_start_without_an_engine_says_so_once_and_opens_nothing(desktop):
    part = setup_offer.FirstRun(desktop)
    assert desktop.said() == ["The engine that runs the models is not installed yet."]
    assert setup_offer._open_dialog() is None
    part.unload()
    assert desktop.said() == []
    part = setup_offer.FirstRun(desktop)
    assert desktop.said() == []
    part.unload()


def test_the_button_of_that_line_opens_the_setup(desktop):
    part = setup_offer.FirstRun(desktop)
    (button,) = [b for b in desktop.buttons() if b.text() == "Set up…"]
    button.click()
    assert setup_offer._open_dialog() is not None
    part.unload()
    assert setup_offer._open_dialog() is None


def test_an_engine_of_another_version_is_called_so(desktop, fresh):
    scripted_engine(fresh)
    paths.ready_file("cpu").write_text('{"lock": "another"}')
    part = setup_offer.FirstRun(desktop)
    assert desktop.said() == ["The engine was installed for another version of the plugin."]
    part.unload()


def test_with_an_engine_the_first_start_says_nothing(desktop, fresh):
    scripted_engine(fresh)
    part = setup_offer.FirstRun(desktop)
    assert desktop.said() == []
    part.unload()
    assert not settings.HINT_SHOWN.read()


def test_a_line_that_the_person_closed_is_no_trouble(desktop):
    part = setup_offer.FirstRun(desktop)
    desktop.bar.clearWidgets()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    part.unload()
    assert install_task.listeners == []


def test_the_form_of_the_algorithm_begins_with_the_offer(desktop, segment):
    form = segment.createCustomParametersWidget(desktop.window)
    (item,) = form.messageBar().items()
    assert "not installed yet" in item.text()
    (button,) = [b for b in item.findChildren(QPushButton) if b.text() == "Set up…"]
    button.click()
    assert setup_offer._open_dialog().parent() is form
    form.close()
    form.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert install_task.listeners == []


def test_with_an_engine_the_form_is_qgis_own(desktop, fresh, segment):
    scripted_engine(fresh)
    assert segment.createCustomParametersWidget(desktop.window) is None


# -- what is told ------------------------------------------------------------------------------------------------------


def test_the_setup_tells_what_how_large_where_and_that_no_gpu_was_found(desktop, tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.delenv("PRITHVI_QGIS_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    dialog = opened(desktop)
    shown = texts(dialog)
    for words in ("vLLM 0.", "TerraTorch 1.", "PyTorch 2.", " GB of disk", " free)", str(paths.home() / "engine")):
        assert words in shown, words
    assert 'CUDA_VISIBLE_DEVICES="" hides the GPUs' in shown
    assert dialog._choice.value() == "cpu"
    assert not dialog._choice._buttons["cuda"].isEnabled()
    assert "what was downloaded is kept" in shown
    assert dialog._install.isEnabled()
    assert not dialog._bar.isVisible()
    assert cut_off(dialog) == []


def test_a_good_gpu_is_named_and_chosen(desktop, tmp_path, monkeypatch):
    fake_gpu(tmp_path, monkeypatch, H200)
    dialog = opened(desktop)
    assert dialog._choice.value() == "cuda"
    assert "NVIDIA H200, 140.4 GB of memory, driver 580.95.05, compute capability 9.0" in texts(dialog)
    assert dialog._choice._why["cuda"].severity is Severity.SUCCESS


def test_the_setting_chooses_before_the_machine_does(desktop, tmp_path, monkeypatch):
    fake_gpu(tmp_path, monkeypatch, H200)
    settings.VARIANT.write("cpu")
    assert opened(desktop)._choice.value() == "cpu"


def test_a_gpu_that_will_not_do_is_named_with_the_reason(desktop, tmp_path, monkeypatch):
    fake_gpu(tmp_path, monkeypatch, OLD_DRIVER)
    dialog = opened(desktop)
    assert dialog._choice.value() == "cpu"
    assert "NVIDIA A100-SXM4-40GB, 40.0 GB of memory" in texts(dialog)
    assert "is older than 580" in texts(dialog)
    assert dialog._choice._why["cuda"].severity is Severity.WARNING


def test_on_another_system_the_setup_names_linux_and_wsl_and_installs_nothing(desktop, monkeypatch):
    monkeypatch.setattr(hardware.platform, "system", lambda: "Windows")
    dialog = opened(desktop)
    assert "The engine runs on 64-bit Linux" in dialog._line.text()
    assert "WSL2" in dialog._line.text()
    assert not dialog._install.isEnabled()


def test_a_slow_driver_does_not_hold_up_the_dialog(desktop, tmp_path, monkeypatch):
    fake_gpu(tmp_path, monkeypatch, H200)
    smi = tmp_path / "bin" / "nvidia-smi"
    smi.write_text("#!/bin/sh\nsleep 1\n" + smi.read_text().partition("\n")[2])
    dialog = setup_offer.show_setup(desktop.window)
    assert "Looking at the graphics card" in texts(dialog)
    assert not dialog._install.isEnabled()
    wait_for(dialog._install.isEnabled, 20)


# -- what is done ------------------------------------------------------------------------------------------------------


def install_from(dialog, wheels) -> None:
    dialog._wheelhouse.setFilePath(str(wheels))
    dialog._install.click()


def test_installing_goes_on_with_what_was_asked_for(desktop, guide, tiny):
    went_on = []
    dialog = opened(desktop, lambda: went_on.append(readiness("cpu").ready))
    assert dialog._network.text() == "used directly, as QGIS does"
    install_from(dialog, tiny.wheelhouse)
    assert dialog._bar.isVisible()
    assert dialog._close.text() == "Continue in the background"
    assert not dialog._install.isVisible()
    wait_for(lambda: went_on, 120)
    assert went_on == [True]
    assert setup_offer._open_dialog() is None


def test_a_dialog_that_was_closed_leaves_the_installation_running_and_the_news_in_the_message_bar(desktop, guide, tiny):
    went_on = []
    dialog = opened(desktop, lambda: went_on.append(1))
    install_from(dialog, tiny.wheelhouse)
    dialog._close.click()
    assert install_task.running() is not None
    wait_for(lambda: install_task.running() is None, 120)
    assert desktop.said() == ["The engine is ready."]
    assert went_on == []


def test_a_dialog_opened_again_shows_the_running_installation(desktop, guide, tiny):
    make_sdist(tiny.wheelhouse, "slow", "def run():\n    import time; time.sleep(120)")
    tiny.write_lock()
    install_from(opened(desktop), tiny.wheelhouse)
    wait_for(lambda: tiny.home.exists() and tiny.processes(), 60)
    setup_offer.close_setup()
    again = opened(desktop)
    assert again._bar.isVisible()
    assert again._bar.value() == install_task.running().percent > 0
    assert not again._install.isVisible()
    assert cut_off(again) == []
    again._cancel.click()
    wait_for(lambda: install_task.running() is None, 60)
    assert "what was downloaded is kept" in again._line.text().lower()
    assert again._install.isVisible() and again._install.isEnabled()
    assert tiny.leftovers() == []


def test_a_failure_is_told_in_the_dialog_and_without_one_in_the_message_bar(desktop, guide, tiny):
    (tiny.wheelhouse / "terratorch-1.0-py3-none-any.whl").unlink()
    dialog = opened(desktop)
    install_from(dialog, tiny.wheelhouse)
    wait_for(lambda: install_task.running() is None, 60)
    assert "terratorch" in dialog._line.text()
    assert dialog._line.severity is Severity.ERROR
    wait_for(lambda: cut_off(dialog) == [], 5)
    assert desktop.said() == []
    dialog._install.click()
    dialog._close.click()
    wait_for(lambda: install_task.running() is None, 60)
    assert "terratorch" in desktop.said()[0]


def test_an_engine_that_is_there_is_checked(desktop, guide, tiny):
    tiny.install()
    dialog = opened(desktop)
    assert dialog._install.text() == "Check and repair"
    assert "The CPU engine is installed" in dialog._line.text()
    install_from(dialog, tiny.wheelhouse)
    wait_for(lambda: install_task.running() is None, 60)
    assert dialog._line.text() == "The engine is ready."


def test_too_little_room_is_refused_with_both_figures(desktop, tiny):
    tiny.set_need(installed_mb=10**9)
    dialog = opened(desktop)
    assert "too little room" in dialog._line.text()
    assert "976562.5 GB" in dialog._line.text()
    assert not dialog._install.isEnabled()


def test_offline_mode_wants_a_folder_of_wheels(desktop, tiny):
    settings.OFFLINE.write(True)
    dialog = opened(desktop)
    assert not dialog._install.isEnabled()
    assert "Offline mode is on" in dialog._line.text()
    assert not dialog._wheel_box.isCollapsed()
    dialog._wheelhouse.setFilePath(str(tiny.wheelhouse))
    assert dialog._install.isEnabled()


def test_where_no_python_fits_the_consent_to_fetch_one_is_asked_for(desktop, tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(find_python, "_FOLDERS", ())
    monkeypatch.setattr(find_python, "_managed", lambda uv, version: "")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    dialog = opened(desktop)
    wait_for(lambda: dialog._fetch.isVisible(), 20)
    assert not dialog._install.isEnabled()
    assert "needs Python 3.11 to 3.14; none was found" in dialog._line.text()
    dialog._fetch.click()
    assert settings.fetch_python()
    assert dialog._install.isEnabled()
    dialog._fetch.click()
    assert not settings.fetch_python()
    dialog._wheelhouse.setFilePath(str(tiny.wheelhouse))
    assert not dialog._fetch.isVisible()


def test_named_python_that_does_not_fit_is_to_be_corrected(desktop, tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("PRITHVI_QGIS_PYTHON", str(tmp_path / "absent"))
    settings.FETCH_PYTHON.write(True)
    dialog = opened(desktop)
    wait_for(lambda: not dialog._search.under_way, 20)
    assert not dialog._fetch.isVisible()
    assert not dialog._install.isEnabled()
    assert "absent: no such file" in dialog._line.text()


def test_where_a_python_fits_nothing_is_asked(desktop, tiny):
    dialog = opened(desktop)
    wait_for(lambda: not dialog._search.under_way, 20)
    assert dialog._install.isEnabled()
    assert not dialog._fetch.isVisible()


def test_another_folder_can_be_chosen_unless_a_variable_decides(desktop, tmp_path, monkeypatch):
    assert not opened(desktop)._change.isEnabled()
    setup_offer.close_setup()
    monkeypatch.delenv("PRITHVI_QGIS_HOME")
    dialog = opened(desktop)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "other"))
    dialog._change.click()
    assert paths.home() == tmp_path / "other"
    assert str(tmp_path / "other" / "engine") in dialog._folder.text()
    assert settings.HOME.read() == str(tmp_path / "other")


def test_installing_the_other_kind_than_the_settings_want_makes_them_automatic(desktop, guide, tiny, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    settings.VARIANT.write("cuda")
    dialog = opened(desktop)
    assert dialog._choice.value() == "cpu"
    install_from(dialog, tiny.wheelhouse)
    wait_for(lambda: install_task.running() is None, 120)
    assert settings.variant() == "auto"
    assert setup_offer.engine_ready()
