"""Imports of trainings into the data folder of a test."""

from __future__ import annotations

from prithvi_qgis.engine.importing import importer
from prithvi_qgis.engine.importing.importer import ImportRequest
from support import VARIANT


def import_training(files, model_id="mine", **more):
    return importer.import_model(ImportRequest(*files, model_id, **more), VARIANT, lambda percent, text: None)
