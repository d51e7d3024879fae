"""Runs of an algorithm in this process, asked for and told as by ``qgis_process``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from qgis.core import QgsProcessingException, QgsProcessingFeedback


class Log(QgsProcessingFeedback):
    """Keeps what is said, by its kind."""

    def __init__(self):
        super().__init__(False)
        self.said: dict[str, list[str]] = {"info": [], "warning": [], "error": []}

    def pushInfo(self, text):
        self.said["info"].append(text)

    def pushWarning(self, text):
        self.said["warning"].append(text)

    def reportError(self, text, fatal=False):
        self.said["error"].append(text)


@dataclass(frozen=True)
class Ended:
    """A run that has ended: its exit code, what it said, what it gave."""

    code: int
    log: dict[str, list[str]]
    results: dict = field(default_factory=dict)

    @property
    def stdout(self) -> str:
        return "\n".join([*self.log["info"], *self.log["warning"]])

    @property
    def stderr(self) -> str:
        return "\n".join(self.log["error"])

    @property
    def error_lines(self) -> list[str]:
        """What was said to be wrong, each line once."""
        return list(dict.fromkeys(line.strip() for line in self.stderr.splitlines() if line.strip()))


class InProcess:
    """Stands for ``support.qgis_process.Qgis`` where a process of its own would show nothing more."""

    def __init__(self, provider, context, monkeypatch):
        self._provider, self._context, self._monkeypatch = provider, context, monkeypatch

    def segment(self, source: str, output: Path | str, *arguments: str, **variables: str) -> Ended:
        """``prithvi:segment`` with arguments as on a command line."""
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)
        given = dict(argument.removeprefix("--").split("=", 1) for argument in arguments)
        parameters = {"INPUT": source, "OUTPUT": str(output), **given}
        algorithm, log = self._provider.algorithm("segment").create(), Log()
        fits, why = algorithm.checkParameterValues(parameters, self._context)
        if not fits:
            log.reportError(why)
            return Ended(1, log.said)
        try:
            results, well = algorithm.run(parameters, self._context, log, {}, False)
        except QgsProcessingException as e:
            log.reportError(str(e))
            return Ended(1, log.said)
        return Ended(0 if well else 1, log.said, results)
