"""The arithmetic of an evaluation: counts, scores, the stratified estimator, the map of agreement."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from prithvi_qgis.accuracy.agreement import Agreement, ThinnedMap, agreement_of
from prithvi_qgis.accuracy.counting import ClassTally, PairCounts, TooManyValues
from prithvi_qgis.accuracy.ground import GroundAreas
from prithvi_qgis.accuracy.scores import scores_of
from prithvi_qgis.accuracy.stratified import estimate

# Olofsson et al. (2014), table 8: rows deforestation, forest gain, stable forest, stable non-forest.
OLOFSSON = np.array([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]])
MAPPED_HA = np.array([200_000, 150_000, 3_200_000, 6_450_000]) * 0.09  # pixels of 30 m


def test_the_worked_example_of_olofsson_2014_comes_out():
    found = estimate(OLOFSSON, MAPPED_HA, [1, 2, 3, 4])
    areas = [(round(c.area.value), round(c.area.half_width)) for c in found.classes]
    assert areas == [(21158, 6158), (11686, 3756), (285770, 15510), (581386, 16282)]
    users = [(round(c.users.value, 2), round(c.users.half_width, 2)) for c in found.classes]
    assert users == [(0.88, 0.07), (0.73, 0.10), (0.93, 0.04), (0.96, 0.02)]
    first = found.classes[0].producers
    assert (round(first.value, 2), round(first.half_width, 2)) == (0.75, 0.21)
    assert (round(found.overall.value, 2), round(found.overall.half_width, 2)) == (0.95, 0.02)
    assert found.proportions.sum() == pytest.approx(1)


def test_standard_errors_are_the_spread_of_repeated_samples():
    random = np.random.default_rng(11)
    truth = np.array([[0.85, 0.10, 0.05], [0.05, 0.90, 0.05], [0.02, 0.08, 0.90]])  # what the map's classes are
    area = np.array([100.0, 300.0, 600.0])
    true_area, true_overall = area @ truth, (area @ np.diag(truth)) / 1000
    true_producers = area * np.diag(truth) / true_area
    expected = np.array([*true_area, *true_producers, true_overall])
    values, errors = [], []
    for _ in range(2000):
        found = estimate([random.multinomial(400, row) for row in truth], area, [0, 1, 2])
        every = [*(c.area for c in found.classes), *(c.producers for c in found.classes), found.overall]
        values.append([e.value for e in every])
        errors.append([e.se for e in every])
    assert np.mean(values, axis=0) == pytest.approx(expected, rel=0.005)
    assert np.mean(errors, axis=0) == pytest.approx(np.std(values, axis=0), rel=0.06)
    held = np.mean(np.abs(np.array(values) - expected) <= 1.96 * np.array(errors), axis=0)
    assert (held > 0.93).all() and (held < 0.97).all(), held


def test_a_reference_of_everything_gives_areas_and_no_intervals():
    counts = np.array([[90, 10], [20, 80]])
    found = estimate(counts, [100.0, 100.0], [0, 1], census=True)
    assert [c.area.value for c in found.classes] == pytest.approx([110, 90])
    assert found.overall.half_width is None and found.classes[0].area.se is None
    assert found.classes[1].producers.value == pytest.approx(80 / 90)


def test_a_class_with_too_few_samples_is_left_out_and_said():
    found = estimate([[30, 2, 0], [3, 40, 0], [0, 1, 0]], [100.0, 300.0, 5.0], [0, 1, 7])
    assert found.left_out == (7,)
    assert found.population == 400
    assert found.classes[2].users is None and found.classes[2].producers is None and found.classes[2].area is None
    assert sum(c.area.value for c in found.classes[:2]) == pytest.approx(400)
    assert estimate([[1, 0], [0, 1]], [10.0, 10.0], [0, 1]).overall is None


def test_neither_area_nor_producers_accuracy_is_known_of_a_class_whose_own_stratum_has_one_sample():
    counts = [[45, 0, 5], [0, 47, 3], [0, 0, 1]]
    found = estimate(counts, [200.0, 160.0, 40.0], [0, 1, 2])
    assert found.left_out == (2,)
    assert (found.classes[2].area, found.classes[2].users, found.classes[2].producers) == (None, None, None)
    assert found.classes[0].producers.value == pytest.approx(1.0)


def test_a_class_that_the_map_never_gives_has_an_area_and_a_producers_accuracy_of_nothing():
    found = estimate([[40, 10], [0, 0]], [100.0, 0.0], [0, 1])
    assert found.classes[1].area.value == pytest.approx(20)
    assert found.classes[1].producers.value == 0


def test_unsure_is_a_stratum_that_is_never_right():
    counts = [[50, 0, 0], [0, 50, 0], [20, 20, 0]]  # the last row is 254
    found = estimate(counts, [400.0, 400.0, 200.0], [0, 1, 254], uncertain={254})
    assert found.overall.value == pytest.approx(0.8)
    assert [c.area.value for c in found.classes] == pytest.approx([500, 500])
    assert found.classes[0].producers.value == pytest.approx(0.8)
    scores = scores_of(counts, [0, 1, 254], uncertain={254})
    assert scores.accuracy == pytest.approx(100 / 140)
    assert [c.value for c in scores.classes] == [0, 1]
    assert scores.classes[0].recall == pytest.approx(50 / 70) and scores.classes[0].precision == 1


def test_a_class_on_one_side_only_scores_nothing_and_divides_by_nothing():
    scores = scores_of([[5, 3, 0, 0], [0, 0, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0]], [0, 1, 2, 3])
    by_value = {c.value: c for c in scores.classes}
    assert (by_value[1].iou, by_value[1].f1, by_value[1].precision, by_value[1].recall) == (0, 0, None, 0)
    assert (by_value[2].iou, by_value[2].f1, by_value[2].precision, by_value[2].recall) == (0, 0, 0, None)
    assert (by_value[3].iou, by_value[3].f1, by_value[3].precision, by_value[3].recall) == (None,) * 4
    assert scores.mean_iou == pytest.approx(0.5 / 3)
    assert scores_of([[9]], [4]).kappa is None


@pytest.mark.parametrize("kind", [np.uint8, np.int32])
def test_pixels_are_counted_by_pair_over_several_windows(kind):
    counts = PairCounts()
    counts.add(np.array([0, 0, 1, 200], kind), np.array([0, 1, 1, 3]))
    counts.add(np.array([0, 1], kind), np.array([0, 300]))
    counts.add(np.array([], kind), np.array([]))
    assert counts.pairs == {(0, 0): 2, (0, 1): 1, (1, 1): 1, (200, 3): 1, (1, 300): 1}
    assert counts.values() == [0, 1, 3, 200, 300]
    assert counts.matrix([0, 1, 3, 200, 300]).sum() == counts.total == 6
    statistics = ClassTally()
    statistics.add(np.array([0, 0, 1], kind), np.array([2.0, 3.0, 4.0]))
    statistics.add(np.array([1, 1000 % 256], kind), np.array([1.0, 1.0]))
    assert statistics.pixels == {0: 2, 1: 2, 232: 1} and statistics.area == {0: 5.0, 1: 5.0, 232: 1.0}


def test_measurements_are_not_taken_for_classes():
    with pytest.raises(TooManyValues):
        PairCounts().add(np.arange(300), np.zeros(300, int))
    counts = PairCounts(limit=4)
    counts.add(np.arange(3), np.zeros(3, int))
    with pytest.raises(TooManyValues):
        counts.add(np.arange(3, 6), np.zeros(3, int))


def test_each_pair_of_pixels_has_its_agreement():
    mask, reference = np.array([0, 1, 1, 0, 254, 254]), np.array([0, 1, 0, 1, 0, 1])
    kinds = agreement_of(mask, reference, 0, {254})
    assert kinds.tolist() == [
        Agreement.BACKGROUND,
        Agreement.HIT,
        Agreement.FALSE_ALARM,
        Agreement.MISS,
        Agreement.UNSURE,
        Agreement.UNSURE,
    ]
    assert agreement_of(np.array([1, 2]), np.array([1, 1]), None).tolist() == [Agreement.HIT, Agreement.CONFUSED]


@pytest.mark.parametrize("size", [(700, 500), (30, 17)])
def test_the_picture_is_the_same_however_the_mask_is_walked(size):
    height, width = size
    mask = np.random.default_rng(1).integers(0, 2, size)
    inside = np.ones(size, bool)
    compared = mask == 1
    whole, parts = ThinnedMap(width, height, 90), ThinnedMap(width, height, 90)
    whole.put(0, 0, mask, inside, mask, compared)
    for top in range(0, height, 37):
        for left in range(0, width, 53):
            part = np.s_[top : top + 37, left : left + 53]
            parts.put(left, top, mask[part], inside[part], mask[part], compared[part])
    assert max(whole.mask.shape) == min(90, max(size))
    assert (whole.agreement(0) == parts.agreement(0)).all()
    assert set(np.unique(whole.agreement(0))) == {Agreement.NOT_COMPARED, Agreement.HIT}


def test_pixels_in_degrees_cover_the_earth():
    # WGS 84 has 510 065 621.7 km2 (its authalic sphere's).
    ground = GroundAreas((-180, 0.1, 0, 90, 0, -0.1), 3600, 1800, _degrees, 6378137.0, 1 / 298.257223563)
    assert ground.window(0, 0, 3600, 1800).sum() / 1e12 == pytest.approx(510.0656217, rel=1e-6)
    assert ground.mean * 3600 * 1800 / 1e12 == pytest.approx(510.0656217, rel=1e-6)


def test_areas_do_not_depend_on_how_a_window_is_cut():
    ground = GroundAreas((5, 0.01, 0.002, 61, 0.003, -0.01), 70, 50, _degrees, 6378137.0, 1 / 298.257223563)
    whole = ground.window(0, 0, 70, 50)
    assert np.array_equal(ground.window(13, 7, 20, 30), whole[7:37, 13:33])
    assert whole.max() / whole.min() > 1.01


def test_the_area_of_a_ring_is_the_sum_of_its_pixels():
    ground = GroundAreas((5, 0.01, 0.002, 61, 0.003, -0.01), 70, 50, _degrees, 6378137.0, 1 / 298.257223563)
    steps = np.array([[3, 2], [3, 40], [20, 40], [20, 45], [60, 45], [60, 2], [3, 2]])
    square = np.array([[0, 0], [0, 50], [70, 50], [70, 0], [0, 0]])
    found = ground.ring_areas(np.concatenate([steps, square]), np.repeat([0, 1], [7, 5]))
    pixels = ground.window(0, 0, 70, 50)
    assert found == pytest.approx([pixels[2:40, 3:60].sum() + pixels[40:45, 20:60].sum(), pixels.sum()], rel=1e-9)


def test_pixels_without_a_place_have_no_area():
    ground = GroundAreas((0, 1, 0, 95, 0, -1), 4, 10, _degrees, 6378137.0, 0.0)  # the upper half lies beyond the pole
    assert ground.outside == pytest.approx(0.5)
    assert (ground.window(0, 0, 4, 5) == 0).all() and (ground.window(0, 5, 4, 5) > 0).all()
    assert ground.mean == pytest.approx(ground.window(0, 5, 4, 5).mean())


def _degrees(xs, ys):
    return np.radians(xs), np.radians(ys)


def test_the_arithmetic_needs_numpy_only():
    code = "import sys, prithvi_qgis.accuracy.agreement, prithvi_qgis.accuracy.counting, prithvi_qgis.accuracy.ground\n"
    code += "import prithvi_qgis.accuracy.scores, prithvi_qgis.accuracy.stratified\n"
    code += "print([m for m in ('qgis', 'osgeo', 'prithvi_qgis.algorithms') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
