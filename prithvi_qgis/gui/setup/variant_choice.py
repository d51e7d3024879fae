"""The choice between the GPU and the CPU engine, with reasons for and against each."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QButtonGroup, QGridLayout, QRadioButton, QStyle, QWidget

from ...algorithms.base import tr
from ...client.install.setup_plan import SetupPlan
from ...client.runtime.hardware import Gpu, Machine
from ..widgets.message_line import MessageLine, Severity

VARIANTS = ("cuda", "cpu")


class VariantChoice(QWidget):
    """Two buttons, each with the reasons for or against it and its size."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        titles = {"cuda": tr("GPU (NVIDIA, CUDA)"), "cpu": tr("CPU")}
        self._group = QButtonGroup(self)
        self._buttons = {v: QRadioButton(titles[v]) for v in VARIANTS}
        self._why = {v: MessageLine() for v in VARIANTS}
        self._sizes = dict.fromkeys(VARIANTS, "")
        indent = self.style().pixelMetric(QStyle.PixelMetric.PM_ExclusiveIndicatorWidth) + 8
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setColumnMinimumWidth(0, indent)
        layout.setColumnStretch(1, 1)
        for row, v in enumerate(VARIANTS):
            self._group.addButton(self._buttons[v])
            layout.addWidget(self._buttons[v], 2 * row, 0, 1, 2)
            layout.addWidget(self._why[v], 2 * row + 1, 1)
            self._why[v].setContentsMargins(0, 0, 0, 8)
            self._buttons[v].toggled.connect(self._toggled)
            self._buttons[v].setEnabled(False)
        self._show_reason("cuda", Severity.PLAIN, tr("Looking at the graphics card…"))

    def value(self) -> str:
        """``cuda``, ``cpu``, or empty while nothing is chosen."""
        return next((v for v in VARIANTS if self._buttons[v].isChecked()), "")

    def show_plans(self, plans: dict[str, SetupPlan]) -> None:
        """Store the sizes, which are shown with each variant that works here."""
        for v, plan in plans.items():
            sizes = tr("Downloads up to {} and takes {} of disk.")
            self._sizes[v] = sizes.format(size(plan.download_mb), size(plan.installed_mb))

    def show_machine(self, machine: Machine, wanted: str) -> None:
        """Show the detected hardware, and choose ``wanted``, or the best variant if that is ``auto`` or impossible."""
        if machine.best:
            self._show_reason("cuda", Severity.SUCCESS, tr("Found: {}.").format(describe(machine.best)))
        else:
            found = "".join(tr("Found: {}.").format(describe(g)) + " " for g in machine.gpus)
            self._show_reason("cuda", Severity.WARNING, found + machine.no_cuda)
        if machine.no_cpu:
            self._show_reason("cpu", Severity.WARNING, machine.no_cpu)
        else:
            self._show_reason("cpu", Severity.SUCCESS, tr("Works on this machine; slower than a good GPU."))
        possible = [v for v, no in (("cuda", machine.no_cuda), ("cpu", machine.no_cpu)) if not no]
        for v in VARIANTS:
            self._buttons[v].setEnabled(v in possible)
        chosen: Optional[str] = wanted if wanted in possible else next(iter(possible), None)
        if chosen:
            self._buttons[chosen].setChecked(True)

    def _show_reason(self, variant: str, severity: Severity, text: str) -> None:
        sizes = "\n" + self._sizes[variant] if severity is Severity.SUCCESS else ""
        self._why[variant].show_text(severity, text + sizes)

    def _toggled(self, checked: bool) -> None:
        if checked:
            self.changed.emit()


def describe(gpu: Gpu) -> str:
    """Return name, memory, driver and compute capability, omitting unknown values."""
    parts = [gpu.name if "nvidia" in gpu.name.lower() else f"NVIDIA {gpu.name}"]
    if gpu.memory_mb:
        parts.append(tr("{} of memory").format(size(gpu.memory_mb)))
    parts.append(tr("driver {}").format(gpu.driver))
    if gpu.capability:
        parts.append(tr("compute capability {:.1f}").format(gpu.capability))
    return ", ".join(parts)


def size(megabytes: float) -> str:
    """Return megabytes as text."""
    if megabytes < 1000:
        return tr("{:.0f} MB").format(megabytes)
    return tr("{:.1f} GB").format(megabytes / 1024)
