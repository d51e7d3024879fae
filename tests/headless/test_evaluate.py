"""``prithvi:evaluate`` through the real ``qgis_process``, on a mask that the engine made."""

from __future__ import annotations

import json

import numpy as np

from support import rasters


def test_a_segmented_mask_is_evaluated_with_its_names_and_provenance(qgis, good_scene, tmp_path):
    mask = tmp_path / "mask.tif"
    assert qgis.segment(good_scene, mask).code == 0
    truth = np.zeros((1, 64, 96), np.uint8)
    truth[0, 16:32, 24:48] = 1
    reference = rasters.write(tmp_path / "truth.tif", truth, names=("class",))
    figures, page = tmp_path / "figures.json", tmp_path / "report.html"
    arguments = [f"--INPUT={mask}", f"--REFERENCE={reference}", f"--OUTPUT={figures}", f"--REPORT={page}"]
    done = qgis.run("--json", "run", "prithvi:evaluate", *arguments)
    assert done.code == 0, done.stderr
    found = json.loads(figures.read_text())
    assert [c["name"] for c in found["classes"]] == ["Land", "Water"]
    assert done.results["MEAN_IOU"] == found["mean"]["iou"] > 0.5
    assert done.results["ACCURACY"] == found["accuracy"] > 0.9
    assert "demo-water" in json.dumps(found["mask"]["provenance"])
    assert "demo-water" in page.read_text()


def test_what_cannot_be_compared_ends_in_one_line_and_no_file(qgis, tmp_path):
    mask = rasters.write(tmp_path / "mask.tif", np.zeros((1, 8, 8), np.uint8), names=("class",))
    done = qgis.run(
        "run", "prithvi:evaluate", f"--INPUT={mask}", "--REFERENCE=/nowhere.gpkg", f"--OUTPUT={tmp_path / 'f.json'}"
    )
    assert done.code == 1
    ours = [line for line in done.error_lines if not line.startswith("ERROR: Status")]  # QGIS tries it as a mesh, too
    assert len(ours) == 1 and ours[0].startswith("REFERENCE /nowhere.gpkg is no raster")
    assert not (tmp_path / "f.json").exists()
