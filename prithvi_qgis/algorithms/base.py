"""What the plugin's algorithms share: names, icon, and errors as one line."""

from __future__ import annotations

import contextlib
import datetime
import os
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from qgis.core import QgsProcessingAlgorithm, QgsProcessingException, QgsProcessingFeedback
from qgis.PyQt.QtCore import QCoreApplication, QUrl
from qgis.PyQt.QtGui import QIcon

from ..core.errors import PrithviError
from ..core.system import paths


def icon_path() -> str:
    """The plugin's icon as a file."""
    return str(paths.resources() / "icons" / "prithvi.svg")


def tr(text: str) -> str:
    """``text`` in the user's language."""
    return QCoreApplication.translate("Prithvi", text)


def search_words(text: str) -> list[str]:
    """An algorithm's own words, ``a,b,c``, and those of the plugin's subject.

    Whoever looks for floods in the Toolbox finds the whole group: what segments needs what installs.
    """
    subject = tr("prithvi,segmentation,flood,water,burn")
    return list(dict.fromkeys([*text.split(","), *subject.split(",")]))


@contextlib.contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn every failure into the one line that ``qgis_process`` and the Toolbox show.

    Raises:
        QgsProcessingException: in place of anything else. An unforeseen error's traceback goes to the engine's log.
    """
    try:
        yield
    except QgsProcessingException:
        raise
    except PrithviError as e:
        raise QgsProcessingException(e.line) from None
    except Exception as e:
        place = _record(traceback.format_exc())
        what = " ".join(f"{type(e).__name__}: {e}".split())
        raise QgsProcessingException(f"An error that should not happen: {what}. {place}") from None


def _record(text: str) -> str:
    """Append a traceback to the log; where it stands, as a sentence."""
    log = paths.log_file()
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as f:
            f.write(f"{datetime.datetime.now(datetime.timezone.utc).isoformat()} front end\n{text}\n")
    except OSError as e:
        return f"Its details could not be written to {log}: {e.strerror}."
    return f"Please report it with the end of {log}."


def progress_to(feedback: QgsProcessingFeedback) -> Callable[[int, str], None]:
    """What long work calls with (percent, text)."""

    def report(percent: int, text: str) -> None:
        feedback.setProgress(percent)
        feedback.setProgressText(text)

    return report


def helped(parameter: Any, text: str) -> Any:
    """A parameter's definition with a help text."""
    parameter.setHelp(text)
    return parameter


class PrithviAlgorithm(QgsProcessingAlgorithm):
    """Base of the plugin's algorithms."""

    def createInstance(self) -> QgsProcessingAlgorithm:
        """A fresh instance; QGIS runs each execution in one of its own."""
        return type(self)()

    def group(self) -> str:
        """Where the Toolbox shows it: what a person works with stands apart from what it runs on."""
        return {"engine": tr("Engine"), "models": tr("Models")}.get(self.groupId(), tr("Segmentation"))

    def groupId(self) -> str:
        """Fixed name of the group."""
        return "engine"

    def helpUrl(self) -> str:
        """The page behind the form's Help button; it comes with the plugin, so that it works without a network."""
        return QUrl.fromLocalFile(str(paths.resources() / "help" / f"{self.name()}.html")).toString()

    def icon(self) -> QIcon:
        """The plugin's icon."""
        return QIcon(icon_path())

    def svgIconPath(self) -> str:
        """The plugin's icon as a file."""
        return icon_path()
