"""When a scene was taken: by what is given, by metadata, by its name."""

from __future__ import annotations

import datetime

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.scenes.dates import date_in_name, day_of_text, find_date, read_dates

NAMES = {
    "HLS.S30.T13TGF.2022170T172859.v2.0.stack.tif": "2022-06-19",
    "/data/HLS.L30.T13TGF.2024366T172859.v2.0/B02.tif": "2024-12-31",
    "S2A_MSIL2A_20230314T104021_N0509_R008_T31UFS_20230315T000102.SAFE": "2023-03-14",
    "/vsizip//x/S2B_MSIL1C_20230314T104021_N0509_R008_T31UFS_20230315T000102.zip/MTD_MSIL1C.xml": "2023-03-14",
    "SENTINEL2_L2A:/x/S2A_MSIL2A_20230314T104021_N0509_R008_T31UFS_20230315T000102.SAFE/MTD_MSIL2A.xml:10m:EPSG_32631": (
        "2023-03-14"
    ),
    "T31UFS_20230314T104021_B02_10m.jp2": "2023-03-14",
    "S2A_OPER_PRD_MSIL1C_PDMC_20151206T093912_R022_V20150704T101337_20150704T101337.SAFE": "2015-07-04",
    "LC08_L2SP_190024_20230314_20230320_02_T1_SR_B2.TIF": "2023-03-14",
    "LC81900242015123LGN00.tif": "2015-05-03",
    "field_2023-03-14.tif": "2023-03-14",
    "s3://bucket/20230314_field.tif?sig=20240101": "2023-03-14",
    "HLS.L30.T13TGF.2023366T000000.v2.0.tif": None,
    "field_20230230.tif": None,
    "from_20230314_to_20230401.tif": None,
    "/archive/2023-05-01/scene.tif": None,
    "scene_12345678901.tif": None,
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_products_tell_when_they_were_taken(name):
    found = date_in_name(name)
    assert (found and found.day.isoformat()) == NAMES[name]


@pytest.mark.parametrize(
    ("tags", "day"),
    [
        ({"ACQUISITIONDATETIME": "2023-03-14T10:40:21Z"}, "2023-03-14"),
        ({"SENSING_TIME": "2020-06-18T17:25:20.1Z; 2020-06-18T17:25:44.9Z"}, "2020-06-18"),
        ({"DATATAKE_1_DATATAKE_SENSING_START": "2023-03-14T10:40:21.024Z"}, "2023-03-14"),
        ({"DATE_ACQUIRED": "2023-03-14"}, "2023-03-14"),
        ({"TIFFTAG_DATETIME": "2023:03:14 10:40:21"}, "2023-03-14"),
        ({"system:time_start": "1655683200000"}, "2022-06-20"),
        ({"PRODUCT_URI": "S2A_MSIL2A_20230314T104021_N0509_R008_T31UFS_20230315T000102.SAFE"}, "2023-03-14"),
        ({"SENSING_TIME": "yesterday", "TIFFTAG_DATETIME": "0000:00:00 00:00:00"}, None),
    ],
)
def test_metadata_tells_in_each_products_way(tags, day):
    found = find_date("", [], tags, "scene.tif")
    assert (found and found.day.isoformat()) == day


def test_what_is_given_wins_then_bands_then_file_then_name():
    bands = [{"SENSING_TIME": "2021-01-02"}, {}]
    tags, name = {"TIFFTAG_DATETIME": "2021:01:03 00:00:00"}, "scene_2021-01-04.tif"
    assert find_date("2021-01-01", bands, tags, name).text == "2021-01-01 (DATES)"
    assert find_date("", bands, tags, name).text == "2021-01-02 (SENSING_TIME)"
    assert find_date("", [], tags, name).text == "2021-01-03 (TIFFTAG_DATETIME)"
    assert find_date("", [], {}, name).text == "2021-01-04 (its name)"


def test_when_it_was_taken_counts_more_than_when_the_file_was_written():
    tags = {"TIFFTAG_DATETIME": "2024:01:01 00:00:00", "SENSING_TIME": "2021-01-02T00:00:00Z"}
    assert find_date("", [], tags, "").day == datetime.date(2021, 1, 2)


def test_bands_of_several_days_tell_nothing():
    assert find_date("", [{"SENSING_TIME": "2021-01-02"}, {"SENSING_TIME": "2021-02-02"}], {}, "scene.tif") is None


def test_dates_are_read_with_gaps():
    assert read_dates(" 2023-03-14, ,2023-07-01 ", 3) == ("2023-03-14", "", "2023-07-01")
    assert read_dates("  ", 3) == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2023-03-14", "1 date (2023-03-14) for 3 scenes"),
        ("2023-03-14,2023-03-15,2023-03-16,2023-03-17", "4 dates"),
        ("2023-03-14,14.5.2023,2023-07-01", '"14.5.2023"'),
        ("2023-03-14,2023-02-30,2023-07-01", '"2023-02-30"'),
        ("2023-03-14,20230520,2023-07-01", '"20230520"'),
        ("2023-03-14,1023-05-20,2023-07-01", '"1023-05-20"'),
    ],
)
def test_dates_that_cannot_be_are_told_in_one_line(text, says):
    with pytest.raises(PrithviError) as e:
        read_dates(text, 3)
    assert e.value.code is ErrorCode.PARAMETER_INVALID
    assert says in e.value.line and "DATES" in e.value.line and "2023-03-14,2023-05-20" in e.value.hint


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023-03-14T23:30:00Z", "2023-03-14"),
        ("2023-01-01T01:30:00+03:00", "2022-12-31"),
        ("2022-12-31T23:30:00-05:00", "2023-01-01"),
        ("2023-03-14T01:30:00.123456+0200", "2023-03-13"),
        ("2023-03-14T12:30:00+05:30", "2023-03-14"),
        ("2023-03-14", "2023-03-14"),
    ],
)
def test_a_local_time_is_brought_to_utc(text, day):
    assert day_of_text(text).isoformat() == day
