"""The contract's messages."""

from __future__ import annotations

import json

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.protocol import codec
from prithvi_qgis.core.protocol import messages as m

EXAMPLES = [
    m.Hello("0.1.0", 1, "abc", "cpu", 7),
    m.Segment("a.tif", "model", "b.tif", bands=(2, 3), extent=(1.0, 2.0, 3.0, 4.0), scale=1e-4),
    m.Segment("a", "b", "c", min_probability={"0": 0.5}, min_area="5 px", ignore_classes=(3,)),
    m.Cancel(),
    m.Status(),
    m.Shutdown(when_idle=True),
    m.Accepted(2),
    m.Progress(1, 4, "segmenting", 2.5),
    m.Log("warning", "Überschwemmung"),
    m.Result(
        "b",
        "m",
        "cpu",
        "x",
        "e",
        4,
        1.5,
        {"read": 0.1},
        3,
        4,
        0,
        (m.ClassArea(0, "Land", "#ffffff", 5, None), m.ClassArea(254, "Unsure", "#8c8c8c", 1, 2.0, True)),
        (1,),
        "s",
    ),
    m.SegmentMany((m.Segment("a.tif", "model", "b.tif", bands=(2, 3)), m.Segment("c.tif", "model", "d.tif"))),
    m.SceneStarted(3),
    m.SceneDone(
        3,
        m.Result("b", "m", "cpu", "x", "e", 4, 1.5, {}, 3, 4, 0, (m.ClassArea(0, "L", "#ffffff", 5, 1.0),), (1,), "s"),
        "t",
    ),
    m.SceneFailed(2, "bands_missing", "text", "hint"),
    m.ManyDone(3, 1),
    m.StatusReport("idle", "cpu"),
    m.Stopping(True),
    m.Failed("cancelled", "text", "hint"),
]


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda v: type(v).__name__)
def test_every_message_survives_the_journey(message):
    assert codec.decode(codec.encode(message)) == message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"type":"Nonsense"}',
        b'{"type":"Segment"}',
        b'{"type":"Segment","source":1,"model":"m","output":"o"}',
        b'{"type":"Segment","source":"s","model":"m","output":"o","bands":"1,2"}',
        b'{"type":"Segment","source":"s","model":"m","output":"o","batch_size":true}',
        b'{"type":"Cancel","extra":1}',
        b'{"type":"SegmentMany","scenes":[{"source":"s"}]}',
        b'{"type":"SegmentMany","scenes":["s"]}',
        b'{"type":"SceneDone","number":1,"result":"r","started":"t"}',
        b"\x80\x04K\x01.",
        b'{"type":' * 5000,
    ],
)
def test_anything_else_is_refused_in_one_line(data):
    with pytest.raises(PrithviError) as e:
        codec.decode(data)
    assert e.value.code is ErrorCode.CONTRACT_BROKEN
    assert "\n" not in e.value.line


def test_numbers_that_json_lacks_are_refused():
    with pytest.raises(ValueError, match="JSON"):
        codec.encode(m.Progress(0, 0, "x", float("nan")))


def test_an_error_code_of_a_newer_engine_becomes_internal():
    assert m.Failed("brand_new", "text").error().code is ErrorCode.INTERNAL


def test_messages_are_plain_json():
    assert json.loads(codec.encode(m.Accepted(1))) == {"type": "Accepted", "ahead": 1}
