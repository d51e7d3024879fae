"""How sample points are divided among classes, and kept apart."""

import numpy as np
import pytest

from prithvi_qgis.accuracy.sampling import Allocation, SpacedPoints, allocate

AREAS = {0: 9000.0, 1: 900.0, 2: 100.0}
MANY = dict.fromkeys(AREAS, 10**6)


def test_proportional_allocation_follows_the_areas():
    assert allocate(AREAS, MANY, 1000, Allocation.PROPORTIONAL) == {0: 900, 1: 90, 2: 10}


def test_equal_allocation_gives_every_class_the_same_to_one_point():
    points = allocate(AREAS, MANY, 100, Allocation.EQUAL)
    assert sum(points.values()) == 100 and set(points.values()) <= {33, 34}


def test_olofssons_advice_gives_rare_classes_fifty_and_the_rest_in_proportion():
    points = allocate(AREAS, MANY, 640, Allocation.OLOFSSON)
    assert points[2] == 50 and sum(points.values()) == 640
    assert points[0] / points[1] == pytest.approx(10, rel=0.02)


def test_a_small_count_is_the_same_for_all_where_fifty_each_are_too_many():
    assert allocate(AREAS, MANY, 60, Allocation.OLOFSSON) == {0: 20, 1: 20, 2: 20}


@pytest.mark.parametrize("how", Allocation)
def test_no_class_gets_more_points_than_it_has_pixels_or_fewer_than_two(how):
    points = allocate({0: 1e6, 1: 1.0, 2: 30.0}, {0: 10**5, 1: 1, 2: 3}, 200, how)
    assert points[1] == 1 and 2 <= points[2] <= 3 and sum(points.values()) == 200
    assert allocate({0: 5.0, 1: 5.0}, {0: 5, 1: 5}, 100, how) == {0: 5, 1: 5}


@pytest.mark.parametrize("how", Allocation)
def test_any_areas_are_divided_to_the_last_point(how):
    random = np.random.default_rng(3)
    for _ in range(200):
        classes = int(random.integers(1, 9))
        areas = {v: float(10 ** random.uniform(-3, 9)) for v in range(classes)}
        pixels = {v: int(random.integers(2, 10**6)) for v in range(classes)}
        count = int(random.integers(2 * classes, 2000))
        points = allocate(areas, pixels, count, how)
        assert sum(points.values()) == min(count, sum(pixels.values()))
        assert all(min(2, pixels[v]) <= points[v] <= pixels[v] for v in areas)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_points_keep_their_distance(dimensions):
    spaced, random = SpacedPoints(7.0), np.random.default_rng(1)
    places = [p for p in random.uniform(-50, 50, (600, dimensions)) if spaced.accept(p)]
    gaps = np.linalg.norm(np.array(places)[:, None] - np.array(places)[None], axis=2)
    assert len(places) > 20 and gaps[~np.eye(len(places), dtype=bool)].min() >= 7
    assert all(SpacedPoints(0).accept(np.zeros(2)) for _ in range(3))
