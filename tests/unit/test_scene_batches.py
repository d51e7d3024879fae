"""Many scenes through an engine that follows a script: it dies, and the scenes are all done or told as failed once."""

from __future__ import annotations

import pytest

from prithvi_qgis.client.engine import scene_batches
from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.protocol import messages

pytestmark = pytest.mark.timeout(120)


def run(desk, count=9, is_cancelled=lambda: False, but=()):
    requests = [messages.Segment(f"s{n}", "/models/m", str(desk.home / f"s{n}_mask.tif")) for n in range(count)]
    scene_batches.segment_many(requests, "cpu", desk.heard.append, is_cancelled, 1.0, but)


def ended(desk):
    """(numbers with a mask, numbers that failed)."""
    done = [m.number for m in desk.heard if isinstance(m, messages.SceneDone)]
    return done, [m.number for m in desk.heard if isinstance(m, messages.SceneFailed)]


def test_each_scene_is_told_once_with_its_own_number(desk, monkeypatch):
    monkeypatch.setattr(scene_batches, "BATCH_BYTES", 1200)
    desk.script(bad=["s4"])
    run(desk)
    done, failed = ended(desk)
    assert (sorted(done), failed) == ([0, 1, 2, 3, 5, 6, 7, 8], [4])
    assert len((desk.home / "asked").read_text().split()) > 2
    assert len(desk.pids()) == 1
    shares = [m.done / m.total for m in desk.heard if isinstance(m, messages.Progress) and m.total]
    assert shares == sorted(shares)
    assert {m.total for m in desk.heard if isinstance(m, messages.Progress) and m.total} == {9}
    for m in desk.heard:
        if isinstance(m, messages.SceneDone):
            assert m.result.output.endswith(f"s{m.number}_mask.tif")


def test_those_that_have_ended_before_are_left_out_and_the_others_keep_their_numbers(desk):
    desk.script(bad=["s4"])
    run(desk, but={0, 1, 3})
    done, failed = ended(desk)
    assert (sorted(done), failed) == ([2, 5, 6, 7, 8], [4])
    told = [m.done for m in desk.heard if isinstance(m, messages.Progress) and m.total]
    assert min(told) == 3
    assert max(told) > 6  # the scripted engine tells no more after its last scene


def test_a_scene_that_kills_the_engine_twice_fails_and_the_others_are_done(desk):
    desk.script(deadly=["s3"])
    run(desk)
    done, failed = ended(desk)
    assert (sorted(done), failed) == ([0, 1, 2, 4, 5, 6, 7, 8], [3])
    (told,) = [m for m in desk.heard if isinstance(m, messages.SceneFailed)]
    assert told.code == ErrorCode.ENGINE_DIED.value
    assert len(desk.pids()) <= 4


@pytest.mark.parametrize("deadly", [["s0"], ["s3", "s4"], ["s30", "s39"]])
def test_a_scene_that_kills_the_engine_when_it_is_opened_fails_and_the_others_are_done(desk, deadly):
    desk.script(deadly_to_open=deadly)
    run(desk, 40)
    done, failed = ended(desk)
    assert [f"s{n}" for n in sorted(failed)] == deadly
    assert sorted([*done, *failed]) == list(range(40))
    told = {m.number: m for m in desk.heard if isinstance(m, messages.SceneFailed)}
    assert all(m.code == ErrorCode.ENGINE_DIED.value for m in told.values())
    assert all(f"while segmenting s{number}" in m.text for number, m in told.items())
    assert len(desk.pids()) <= 3 * len(deadly) + 1


@pytest.mark.parametrize("fault", ["deadly_to_open", "deadly"])
def test_an_engine_that_every_scene_takes_down_ends_the_run_soon(desk, fault):
    desk.script(**{fault: [f"s{n}" for n in range(100)]})
    with pytest.raises(PrithviError) as e:
        run(desk, 100)
    assert e.value.code is ErrorCode.ENGINE_DIED
    done, failed = ended(desk)
    assert (done, len(failed)) == ([], scene_batches.MAX_FAILED_IN_A_ROW)
    assert f"{scene_batches.MAX_FAILED_IN_A_ROW} scenes one after the other" in e.value.text
    assert len(desk.pids()) <= 2 * scene_batches.MAX_FAILED_IN_A_ROW


def test_an_engine_that_dies_with_the_model_ends_the_run_and_no_scene_is_blamed(desk):
    desk.script(die_with_the_model=True)
    with pytest.raises(PrithviError) as e:
        run(desk, 100)
    assert e.value.code is ErrorCode.ENGINE_DIED
    assert len(desk.pids()) <= 3
    assert ended(desk) == ([], [])


def test_an_engine_that_dies_while_loading_ends_the_run(desk):
    desk.script(die_while_loading=True)
    with pytest.raises(PrithviError) as e:
        run(desk)
    assert e.value.code is ErrorCode.ENGINE_DIED
    assert len(desk.pids()) == 2
    assert ended(desk) == ([], [])


def test_cancel_ends_it_after_what_is_complete(desk):
    desk.script(step_s=0.3)
    with pytest.raises(PrithviError) as e:
        run(desk, is_cancelled=lambda: len(ended(desk)[0]) >= 2)
    assert e.value.code is ErrorCode.CANCELLED
    assert len(ended(desk)[0]) < 9
