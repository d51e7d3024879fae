"""The protocol's messages."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.protocol import codec
from prithvi_qgis.core.protocol import messages as m
from prithvi_qgis.core.protocol.command_messages import BenchmarkRow
from prithvi_qgis.core.protocol.lines import LineReader, parse_line, to_line
from prithvi_qgis.core.protocol.messages import WorkerState

EXAMPLES = [
    m.Hello("0.1.0", 1, "abc", "cpu", 7),
    m.Segment("a.tif", "model", "b.tif", bands=(2, 3), extent=(1.0, 2.0, 3.0, 4.0), scale=1e-4),
    m.Segment("a", "b", "c", min_probability={"0": 0.5}, min_area="5 px", ignore_classes=(3,)),
    m.NetworkOptions({"GDAL_HTTP_BEARER": "secret"}),
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
    m.Percent(12.5, "Reading"),
    m.FileProgress("a.whl", 5, 10),
    m.FileDone("a.whl"),
    m.ModelDownloaded("", "abc", "config.yaml", "weights.pt"),
    m.ModelImported("/models/a"),
    m.BenchmarkReport("s", 3, 4, "m", "M", "cpu", {"vllm": "1"}, (BenchmarkRow("streaming", 1.5, runs=(1.0, 2.0)),)),
    m.SmokeTest({"vllm": "1"}, "3.12", cuda=True),
    m.Workers((WorkerState("worker-1", "north", tiles_per_s=2.5),)),
]


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda v: type(v).__name__)
def test_every_message_survives_the_journey(message):
    assert codec.decode(codec.encode(message)) == message


def test_what_a_run_may_reach_is_not_printed():
    assert "secret" not in repr(m.NetworkOptions({"GDAL_HTTP_BEARER": "secret"}))


def test_every_kind_of_message_has_an_example():
    assert {type(message) for message in EXAMPLES} == set(get_args(m.Message))


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
        b'{"type":"Segment","source":"s","model":"m","output":"o","bands":[1,"2"]}',
        b'{"type":"Segment","source":"s","model":"m","output":"o","extent":[1,2,3]}',
        b'{"type":"Segment","source":"s","model":"m","output":"o","min_probability":{"1":"high"}}',
        b'{"type":"Segment","source":null,"model":"m","output":"o"}',
        b'{"type":"Workers","workers":[{"name":"a","scenes":1.5}]}',
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


def test_the_greeting_and_the_end_are_those_of_version_1():
    assert json.loads(codec.encode(m.Hello("0.1.0", 1, "abc", "cpu", 7))) == {
        "type": "Hello",
        "package": "0.1.0",
        "contract": 1,
        "code": "abc",
        "variant": "cpu",
        "pid": 7,
    }
    assert json.loads(codec.encode(m.Shutdown(True))) == {"type": "Shutdown", "when_idle": True}
    assert codec.decode(b'{"type":"Stopping","yes":true}') == m.Stopping(True)


@pytest.mark.parametrize("line", ["", "loading", "{}", '{"type":"Nonsense"}', '{"type": "Cancel"', '{"a":1}'])
def test_a_line_that_is_not_a_message_is_a_line_of_the_log(line):
    assert parse_line(line) is None
    received = []
    reader = LineReader(received.append)
    reader.take(line)
    assert (received, list(reader.log), reader.failed) == ([], [line], None)


def test_a_reader_passes_messages_on_and_keeps_the_failure():
    received = []
    reader = LineReader(received.append)
    for message in (m.Percent(5, "Reading"), m.Failed("disk_full", "Full.", "Make room.")):
        reader.take(to_line(message))
    assert received == [m.Percent(5, "Reading")]
    assert reader.failed.error().code is ErrorCode.DISK_FULL
    assert not reader.log
