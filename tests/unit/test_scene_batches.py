"""Many scenes through a scripted engine that dies: each scene is done, or reported as failed once."""

from __future__ import annotations

import pytest

from prithvi_qgis.client.engine import scene_batches
from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.protocol import messages

pytestmark = pytest.mark.timeout(120)


def run(client_home, count=9, is_cancelled=lambda: False, but=()):
    requests = [messages.Segment(f"s{n}", "/models/m", str(client_home.home / f"s{n}_mask.tif")) for n in range(count)]
    scene_batches.segment_many(requests, "cpu", client_home.received.append, is_cancelled, 1.0, but)


def ended(client_home):
    """(numbers with a mask, numbers that failed)."""
    done = [m.number for m in client_home.received if isinstance(m, messages.SceneDone)]
    return done, [m.number for m in client_home.received if isinstance(m, messages.SceneFailed)]


def test_each_scene_is_reported_once_with_its_own_number(client_home, monkeypatch):
    monkeypatch.setattr(scene_batches, "BATCH_BYTES", 1200)
    client_home.script(bad=["s4"])
    run(client_home)
    done, failed = ended(client_home)
    assert (sorted(done), failed) == ([0, 1, 2, 3, 5, 6, 7, 8], [4])
    assert len((client_home.home / "asked").read_text().split()) > 2
    assert len(client_home.pids()) == 1
    shares = [m.done / m.total for m in client_home.received if isinstance(m, messages.Progress) and m.total]
    assert shares == sorted(shares)
    assert {m.total for m in client_home.received if isinstance(m, messages.Progress) and m.total} == {9}
    for m in client_home.received:
        if isinstance(m, messages.SceneDone):
            assert m.result.output.endswith(f"s{m.number}_mask.tif")


def test_those_that_have_ended_before_are_left_out_and_the_others_keep_their_numbers(client_home):
    client_home.script(bad=["s4"])
    run(client_home, but={0, 1, 3})
    done, failed = ended(client_home)
    assert (sorted(done), failed) == ([2, 5, 6, 7, 8], [4])
    progress = [m.done for m in client_home.received if isinstance(m, messages.Progress) and m.total]
    assert min(progress) == 3
    assert max(progress) > 6  # the scripted engine reports no more after its last scene


def test_a_scene_that_kills_the_engine_twice_fails_and_the_others_are_done(client_home):
    client_home.script(deadly=["s3"])
    run(client_home)
    done, failed = ended(client_home)
    assert (sorted(done), failed) == ([0, 1, 2, 4, 5, 6, 7, 8], [3])
    (failure,) = [m for m in client_home.received if isinstance(m, messages.SceneFailed)]
    assert failure.code == ErrorCode.ENGINE_DIED.value
    assert len(client_home.pids()) <= 4


@pytest.mark.parametrize("deadly", [["s0"], ["s3", "s4"], ["s30", "s39"]])
def test_a_scene_that_kills_the_engine_when_it_is_opened_fails_and_the_others_are_done(client_home, deadly):
    client_home.script(deadly_to_open=deadly)
    run(client_home, 40)
    done, failed = ended(client_home)
    assert [f"s{n}" for n in sorted(failed)] == deadly
    assert sorted([*done, *failed]) == list(range(40))
    failures = {m.number: m for m in client_home.received if isinstance(m, messages.SceneFailed)}
    assert all(m.code == ErrorCode.ENGINE_DIED.value for m in failures.values())
    assert all(f"while segmenting s{number}" in m.text for number, m in failures.items())
    assert len(client_home.pids()) <= 3 * len(deadly) + 1


@pytest.mark.parametrize("fault", ["deadly_to_open", "deadly"])
def test_an_engine_that_every_scene_takes_down_ends_the_run_soon(client_home, fault):
    client_home.script(**{fault: [f"s{n}" for n in range(100)]})
    with pytest.raises(PrithviError) as e:
        run(client_home, 100)
    assert e.value.code is ErrorCode.ENGINE_DIED
    done, failed = ended(client_home)
    assert (done, len(failed)) == ([], scene_batches.MAX_FAILED_IN_A_ROW)
    assert f"{scene_batches.MAX_FAILED_IN_A_ROW} scenes one after the other" in e.value.text
    assert len(client_home.pids()) <= 2 * scene_batches.MAX_FAILED_IN_A_ROW


def test_an_engine_that_dies_with_the_model_ends_the_run_and_no_scene_is_blamed(client_home):
    client_home.script(die_with_the_model=True)
    with pytest.raises(PrithviError) as e:
        run(client_home, 100)
    assert e.value.code is ErrorCode.ENGINE_DIED
    assert len(client_home.pids()) <= 3
    assert ended(client_home) == ([], [])


def test_an_engine_that_dies_while_loading_ends_the_run(client_home):
    client_home.script(die_while_loading=True)
    with pytest.raises(PrithviError) as e:
        run(client_home)
    assert e.value.code is ErrorCode.ENGINE_DIED
    assert len(client_home.pids()) == 2
    assert ended(client_home) == ([], [])


def test_cancel_ends_it_after_what_is_complete(client_home):
    client_home.script(step_s=0.3)
    with pytest.raises(PrithviError) as e:
        run(client_home, is_cancelled=lambda: len(ended(client_home)[0]) >= 2)
    assert e.value.code is ErrorCode.CANCELLED
    assert len(ended(client_home)[0]) < 9
