"""The plugin speaks the language of QGIS; Spanish is complete."""

from __future__ import annotations

import os
import string
import subprocess

import pytest
from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QTranslator

from i18n import texts, ts_file, update
from prithvi_qgis.algorithms.base import tr
from prithvi_qgis.client import translation
from prithvi_qgis.plugin import PrithviPlugin
from support import ROOT
from support.qgis_window import Desktop

I18N = ROOT / "resources" / "i18n"
LANGUAGES = sorted(p.stem.partition("_")[2] for p in I18N.glob("prithvi_*.ts"))
SOURCE = texts.find_texts(ROOT / "prithvi_qgis")


def translations(language: str) -> dict[str, ts_file.Translation]:
    """What a .ts file says, without what is no longer in the source."""
    return {s: t for s, t in ts_file.read(I18N / f"prithvi_{language}.ts").items() if not t.gone}


def fields(text: str) -> list[str]:
    """Placeholders with their formats; those without a name are filled by their order."""
    return sorted(f"{name}:{form}" for _, name, form, _ in string.Formatter().parse(text) if name is not None)


@pytest.fixture()
def speak(qgis_processing):
    """Sets QGIS's language as its options do."""
    settings = QgsSettings()

    def choose(language: str) -> None:
        settings.setValue("locale/overrideFlag", True)
        settings.setValue("locale/userLocale", language)

    yield choose
    for key in ("locale/overrideFlag", "locale/userLocale"):
        settings.remove(key)


@pytest.fixture()
def plugin():
    plugin = PrithviPlugin(None)
    yield plugin
    plugin.unload()


def segment():
    return QgsApplication.processingRegistry().algorithmById("prithvi:segment")


def test_spanish_is_there():
    assert "es" in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_a_finished_translation(language):
    known = translations(language)
    assert list(known) == list(SOURCE), "run make i18n"
    assert [source for source, t in known.items() if not t.finished or not t.text.strip()] == []


def test_the_template_has_every_text(tmp_path):
    update.write_template(tmp_path / "i18n" / "prithvi.ts", SOURCE)
    assert list(ts_file.read(tmp_path / "i18n" / "prithvi.ts")) == list(SOURCE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_survive_translation(language):
    assert [source for source, t in translations(language).items() if fields(source) != fields(t.text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_ends_and_markup_survive_translation(language):
    for source, t in translations(language).items():
        for mark in (".", ":", "…", "...", "?"):
            assert source.endswith(mark) == t.text.endswith(mark), source
        assert (source.startswith(", "), source.count("\n\n")) == (t.text.startswith(", "), t.text.count("\n\n"))
        assert [source.count(tag) for tag in ("<b>", "</b>", "<i>", "</i>")] == [
            t.text.count(tag) for tag in ("<b>", "</b>", "<i>", "</i>")
        ], source
        assert t.text == t.text.strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_to_search_for_keep_the_english_ones(language):
    for source, t in translations(language).items():
        if source.startswith("prithvi,"):
            assert set(source.split(",")) <= set(t.text.split(",")), source
            assert len(set(t.text.split(","))) > len(set(source.split(",")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_file_says_what_the_source_of_the_translation_says(language, qgis_app):
    compiled = QTranslator()
    assert compiled.load(str(I18N / f"prithvi_{language}.qm"))
    QCoreApplication.installTranslator(compiled)
    try:
        known = translations(language)
        assert {s: tr(s) for s in known} == {s: t.text for s, t in known.items()}
    finally:
        QCoreApplication.removeTranslator(compiled)


@pytest.mark.parametrize("language", ["es", "es_MX", "es-AR"])
def test_algorithms_and_parameters_speak_spanish(speak, plugin, language):
    speak(language.replace("-", "_"))
    plugin.initProcessing()
    algorithm = segment().create()
    assert algorithm.displayName() == "Segmentar con Prithvi"
    assert algorithm.group() == "Segmentación"
    assert algorithm.parameterDefinition("INPUT").description() == "Escena de satélite"
    assert algorithm.parameterDefinition("DEVICE").options()[0] == "Automático"
    assert algorithm.outputDefinition("TILES").description() == "Teselas"
    assert "inundación" in algorithm.tags()
    assert [p.name() for p in algorithm.parameterDefinitions()][:2] == ["INPUT", "MODEL"]


def test_the_menu_of_layers_speaks_spanish(speak, plugin, qgis_new_project):
    from prithvi_qgis.gui.layer_menu import LayerMenu

    speak("es")
    plugin.initProcessing()
    desktop = Desktop()
    menu = LayerMenu(desktop)
    assert desktop.titles() == ["Segmentar con Prithvi...", "Segmentar con Water (demonstration)"]
    menu.unload()


def test_the_options_page_speaks_spanish(speak, plugin):
    from qgis.PyQt.QtWidgets import QGroupBox

    from prithvi_qgis.gui.options_page import OptionsPage

    speak("es")
    plugin.initProcessing()
    page = OptionsPage()
    titles = [box.title() for box in page.findChildren(QGroupBox)]
    assert titles == ["Motor", "Ejecuciones", "Velocidad y memoria", "Archivos y red"]
    page.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.parametrize("language", ["en_GB", "fi", ""])
def test_other_languages_get_english(speak, plugin, language):
    speak(language)
    plugin.initProcessing()
    assert segment().displayName() == "Prithvi segment"


def test_unloading_takes_the_language_back(speak, plugin):
    speak("es")
    plugin.initProcessing()
    assert tr("Mask") == "Máscara"
    assert translation.tr("Looking for packages") == "Buscando paquetes"  # what an installation says of itself
    plugin.unload()
    assert tr("Mask") == "Mask"
    assert translation.tr("Looking for packages") == "Looking for packages"
    speak("en")
    plugin.initProcessing()
    assert segment().displayName() == "Prithvi segment"


def test_qgis_process_speaks_the_language_of_its_user(tmp_path):
    environment = {
        k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LC_ALL")
    }
    environment.update(
        PATH="/usr/local/bin:/usr/bin:/bin",
        QGIS_PLUGINPATH=os.environ.get("QGIS_PLUGINPATH", str(ROOT / "build" / "plugins")),
        QGIS_CUSTOM_CONFIG_PATH=str(tmp_path / "profile"),
        QT_QPA_PLATFORM="offscreen",
        LANG="es_ES.UTF-8",
    )
    whole = "qgis_process plugins enable prithvi_qgis && qgis_process list"
    done = subprocess.run(["bash", "-c", whole], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "prithvi:segment\tSegmentar con Prithvi" in done.stdout
