"""A scene that a process dies with is retried alone, and fails when another one dies with it."""

from __future__ import annotations

from prithvi_qgis.core.folder_runs.retry_policy import RetryPolicy


def test_a_scene_is_retried_alone_after_one_death_and_fails_at_the_second():
    policy = RetryPolicy()
    assert not policy.runs_alone(3)
    assert policy.record_death([3, 5]) == []
    assert [policy.runs_alone(scene) for scene in (3, 4, 5)] == [True, False, True]
    assert policy.record_death([3]) == [3]
    assert policy.record_death([4]) == []


def test_scenes_that_die_together_twice_fail_in_the_order_of_the_report():
    policy = RetryPolicy()
    policy.record_death([2, 1])
    assert policy.record_death([2, 1]) == [2, 1]


def test_a_death_that_no_scene_can_have_caused_changes_nothing():
    policy = RetryPolicy()
    assert policy.record_death([]) == []
    assert not policy.runs_alone(0)
