"""What all algorithms of the plugin have in common: names, icon, and errors as one line."""

from __future__ import annotations

import contextlib
import datetime
import os
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
)
from qgis.PyQt.QtCore import QCoreApplication, QUrl
from qgis.PyQt.QtGui import QIcon

from ..core.errors import PrithviError
from ..core.system import paths

Parameters = dict[str, Any]  # of an algorithm, by name, as QGIS passes them
Results = dict[str, Any]  # of an algorithm, by name


def icon_path() -> str:
    """Return the file of the plugin's icon."""
    return str(paths.resources() / "icons" / "prithvi.svg")


def tr(text: str) -> str:
    """Return ``text`` in the user's language."""
    return QCoreApplication.translate("Prithvi", text)


def search_words(text: str) -> list[str]:
    """Return an algorithm's search words, ``a,b,c``, and those of the plugin's subject.

    A search for floods in the Toolbox finds the whole group: segmenting needs what installs the engine.
    """
    subject = tr("prithvi,segmentation,flood,water,burn")
    return list(dict.fromkeys([*text.split(","), *subject.split(",")]))


@contextlib.contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn every failure into the one line that ``qgis_process`` and the Toolbox show.

    Raises:
        QgsProcessingException: in place of any other error. The traceback of an unforeseen one goes to the log.
    """
    try:
        yield
    except QgsProcessingException:
        raise
    except PrithviError as e:
        raise QgsProcessingException(e.line) from None
    except Exception as e:
        next_step = _log_traceback(traceback.format_exc())
        error = " ".join(f"{type(e).__name__}: {e}".split())
        raise QgsProcessingException(f"An error that should not happen: {error}. {next_step}") from None


def _log_traceback(text: str) -> str:
    """Append a traceback to the log, and return the next step for the user."""
    log = paths.log_file()
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as f:
            f.write(f"{datetime.datetime.now(datetime.timezone.utc).isoformat()} front end\n{text}\n")
    except OSError as e:
        return f"Its details could not be written to {log}: {e.strerror}."
    return f"Please report it with the end of {log}."


def progress_to(feedback: QgsProcessingFeedback) -> Callable[[int, str], None]:
    """Return a callback for long work, which takes (percent, text)."""

    def report(percent: int, text: str) -> None:
        feedback.setProgress(percent)
        feedback.setProgressText(text)

    return report


def helped(parameter: QgsProcessingParameterDefinition, text: str) -> QgsProcessingParameterDefinition:
    """Return ``parameter`` with a help text."""
    parameter.setHelp(text)
    return parameter


class PrithviAlgorithm(QgsProcessingAlgorithm):
    """Base of the plugin's algorithms.

    QGIS checks, prepares and runs an algorithm with the parameters as they were given; all three pass through
    :mod:`.parameter_values` here, so that a subclass reads values of known types only. Errors leave as one line.
    """

    def check_values(self, values: Parameters, context: QgsProcessingContext) -> None:
        """Refuse values before QGIS's own check, on the main thread. Starts nothing and writes nothing.

        Raises:
            PrithviError: the first value that is wrong.
        """

    def known_to_qgis(self, values: Parameters) -> Parameters:
        """Return the values as QGIS's own check can take them."""
        return values

    def prepare_run(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        """Read what must be read on the main thread, such as layers."""

    def execute(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Results:
        """Do the work, off the main thread, and return the results."""
        raise NotImplementedError

    def checkParameterValues(self, parameters: Parameters, context: QgsProcessingContext) -> tuple[bool, str]:
        # Before QGIS's own check: the form then shows the plugin's line.
        try:
            with one_line_errors():
                values = self._values(parameters, context)
                self.check_values(values, context)
        except QgsProcessingException as e:
            return False, str(e)
        return super().checkParameterValues(self.known_to_qgis(values), context)

    def prepareAlgorithm(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        with one_line_errors():
            self.prepare_run(self._values(parameters, context), context, feedback)
        return True

    def processAlgorithm(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Results:
        with one_line_errors():
            return self.execute(self._values(parameters, context), context, feedback)

    def _values(self, parameters: Parameters, context: QgsProcessingContext) -> Parameters:
        from .parameter_values import read_values  # QGIS's start imports this module

        return read_values(self, parameters, context)

    def createInstance(self) -> QgsProcessingAlgorithm:
        return type(self)()

    def group(self) -> str:
        return {"engine": tr("Engine"), "models": tr("Models")}.get(self.groupId(), tr("Segmentation"))

    def groupId(self) -> str:
        return "engine"

    def helpUrl(self) -> str:
        # A page that comes with the plugin works without a network.
        return QUrl.fromLocalFile(str(paths.resources() / "help" / f"{self.name()}.html")).toString()

    def icon(self) -> QIcon:
        return QIcon(icon_path())

    def svgIconPath(self) -> str:
        return icon_path()
