"""Which scenes a folder run has, and what their outputs are called."""

from __future__ import annotations

import json
import os

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.folder_runs.scene_discovery import find_scenes, holds_scenes
from prithvi_qgis.core.scenes.stack_names import refuse_unusable, stacked_bands


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"II*")
    return folder


def found(place, tmp_path, pattern="", recursive=False, output="out"):
    return [(s.name, s.stem) for s in find_scenes(str(place), pattern, recursive, tmp_path / output)]


def test_links_to_folders_are_followed_once_and_loops_end(tmp_path):
    touch(tmp_path / "in", "2022/a.tif")
    touch(tmp_path / "nas", "b.tif", "deep/c.tif")
    (tmp_path / "in" / "2023").symlink_to(tmp_path / "nas")
    (tmp_path / "in" / "again").symlink_to(tmp_path / "nas")
    (tmp_path / "in" / "2022" / "up").symlink_to("..")
    (tmp_path / "nas" / "deep" / "self").symlink_to(".")
    names = [name for name, _ in found(tmp_path / "in", tmp_path, recursive=True)]
    assert sorted(names) == ["a.tif", "b.tif", "c.tif"]


LISTS = {
    "quotes of QGIS": ("list.txt", b'"{d}/a.tif"\n"my scenes/b b.tif"\n'),
    "quotes of ls": ("list.txt", b"'a.tif'\n'my scenes/b b.tif'\n"),
    "comments": ("list.txt", b"# all\na.tif   # cloudy\n\nmy scenes/b b.tif\t# fine\n"),
    "the same twice": ("list.txt", b"a.tif\n./a.tif\nmy scenes/b b.tif\nmy scenes/../my scenes/b b.tif\n"),
    "Windows": ("list.txt", b"\xef\xbb\xbfa.tif\r\nmy scenes/b b.tif\r\n"),
    "UTF-16": ("list.txt", "a.tif\r\nmy scenes/b b.tif\r\n".encode("utf-16")),
    "a table with a title": ("list.csv", b'path,date\n"{d}/a.tif",2023-01-01\nmy scenes/b b.tif,2023-02-01\n'),
    "a title elsewhere": ("list.csv", b"date;Filename\n2023-01-01;a.tif\n2023-02-01;my scenes/b b.tif\n"),
    "a table without titles": ("list.csv", b"a.tif,1\nmy scenes/b b.tif,2\n"),
    "records of a run": ("list.csv", b"input,output,success\na.tif,x.tif,true\nmy scenes/b b.tif,y.tif,false\n"),
}


@pytest.mark.parametrize("how", LISTS)
def test_a_list_is_read_as_other_programs_write_it(tmp_path, how):
    name, content = LISTS[how]
    touch(tmp_path, "a.tif", "my scenes/b b.tif")
    (tmp_path / name).write_bytes(content.replace(b"{d}", str(tmp_path).encode()))
    assert [n for n, _ in found(tmp_path / name, tmp_path)] == ["a.tif", "b b.tif"]


def test_a_number_sign_in_a_name_is_not_a_comment(tmp_path):
    touch(tmp_path, "a #1.tif")
    (tmp_path / "list.txt").write_text("a #1.tif\n")
    assert [n for n, _ in found(tmp_path / "list.txt", tmp_path)] == ["a #1.tif"]


def test_a_name_that_is_not_utf8_fails_alone(tmp_path):
    touch(tmp_path / "in", "a.tif")
    (tmp_path / "in" / os.fsdecode(b"M\xfcnchen.tif")).write_bytes(b"II*")
    first, second = sorted(find_scenes(str(tmp_path / "in"), "", False, tmp_path / "out"), key=lambda s: s.stem == "a")
    assert second.stem == "a"
    assert (first.key, first.stem) == ("M\xfcnchen.tif", "M\xfcnchen")
    first.source.encode(), first.key.encode()
    with pytest.raises(PrithviError, match="rename it"):
        refuse_unusable(first.source)


def test_a_page_of_a_search_is_reported(tmp_path):
    item = {"type": "Feature", "id": "a", "properties": {}, "assets": {"data": {"href": "a.tif"}}}
    page = {"type": "FeatureCollection", "features": [item]}
    for more, words in (
        ({"numberMatched": 317}, "1 of the 317 items"),
        ({"context": {"matched": 5}}, "1 of the 5 items"),
        ({"links": [{"rel": "next", "href": "https://host/next"}]}, "rel=next"),
        ({"numberMatched": 1, "links": [{"rel": "self"}]}, ""),
    ):
        (tmp_path / "items.json").write_text(json.dumps({**page, **more}))
        lines = []
        find_scenes(str(tmp_path / "items.json"), "", False, tmp_path / "out", lines.append)
        assert bool(lines) == bool(words) and words in "".join(lines)


def test_urls_that_choose_their_scene_by_a_parameter_are_different_scenes(tmp_path):
    (tmp_path / "list.txt").write_text(
        "https://host/get.tif?scene=a&sig=1\nhttps://host/get.tif?scene=b&sig=1\n"
        "/vsicurl?use_head=no&url=https%3A%2F%2Fhost%2Fget.tif%3Fscene%3Dc\n"
    )
    scenes = find_scenes(str(tmp_path / "list.txt"), "", False, tmp_path / "out")
    assert len({s.key for s in scenes}) == len({s.stem for s in scenes}) == 3
    assert all("sig" not in s.key + s.stem and "scene=" not in s.key + s.stem for s in scenes)
    (tmp_path / "list.txt").write_text("https://host/get.tif?scene=a&sig=2&se=2030\n")
    (again,) = find_scenes(str(tmp_path / "list.txt"), "", False, tmp_path / "out")
    assert (again.key, again.stem) == (scenes[0].key, scenes[0].stem)


def test_a_folder_gives_what_matches_and_nothing_hidden(tmp_path):
    touch(tmp_path / "in", "b.TIF", "a.tiff", "c.vrt", "notes.txt", ".hidden.tif", "deeper/d.tif")
    assert found(tmp_path / "in", tmp_path) == [("a.tiff", "a"), ("b.TIF", "b"), ("c.vrt", "c")]
    assert found(tmp_path / "in", tmp_path, "b*; *.txt") == [("b.TIF", "b"), ("notes.txt", "notes.txt")]


def test_equal_names_in_different_folders_keep_their_folders(tmp_path):
    touch(tmp_path / "in", "may/scene.tif", "june/scene.tif", ".git/x.tif")
    assert found(tmp_path / "in", tmp_path, recursive=True) == [
        ("scene.tif", "june/scene"),
        ("scene.tif", "may/scene"),
    ]


def test_names_that_differ_in_their_ending_or_case_only_are_told_apart_the_same_way_each_time(tmp_path):
    touch(tmp_path / "in", "a.tif", "a.vrt", "A.tiff", "b.tif")
    first = found(tmp_path / "in", tmp_path)
    stems = [stem for _, stem in first]
    assert len({s.casefold() for s in stems}) == 4
    assert ("b.tif", "b") in first
    touch(tmp_path / "in", "0.tif")
    assert set(first) < set(found(tmp_path / "in", tmp_path))


@pytest.mark.parametrize(
    "header",
    [
        "input,output,success,error_code\n",
        "\ufeffinput,output,success,error_code\n",
        "input;output;success;error_code\n",
        '\ufeff"input"\t"output"\t"success"\t"error_code"\r\n',
    ],
)
def test_masks_are_no_scenes_on_the_next_run(tmp_path, header):
    touch(tmp_path / "in", "a.tif", "masks/a_mask.tif", "other/a_mask.tif")
    (tmp_path / "in" / "other" / "results.csv").write_text(header, encoding="utf-8")
    assert found(tmp_path / "in", tmp_path, recursive=True, output="in/masks") == [("a.tif", "a")]


def test_the_folder_of_the_scenes_is_refused_as_output(tmp_path):
    touch(tmp_path / "in", "a.tif")
    with pytest.raises(PrithviError) as e:
        find_scenes(str(tmp_path / "in"), "", False, tmp_path / "in" / ".." / "in")
    assert e.value.code is ErrorCode.OUTPUT_IS_INPUT


def test_a_list_names_files_beside_it_urls_and_comments(tmp_path):
    listing = tmp_path / "list.txt"
    listing.write_text("\ufeff# mine\n\nsub/a.tif\n/abs/b.tif\nhttps://host/c.tif?sig=secret\nsub/a.tif\n", "utf-8")
    scenes = find_scenes(str(listing), "", False, tmp_path / "out")
    assert [s.source for s in scenes] == [str(tmp_path / "sub/a.tif"), "/abs/b.tif", "https://host/c.tif?sig=secret"]
    assert [s.key for s in scenes][2] == "https://host/c.tif"
    assert [s.stem for s in scenes] == ["a", "b", "c"]


def test_urls_that_differ_after_the_question_mark_have_records_of_their_own(tmp_path):
    listing = tmp_path / "list.txt"
    listing.write_text("https://host/get?id=1\nhttps://host/get?id=2\n")
    scenes = find_scenes(str(listing), "", False, tmp_path / "out")
    assert len({s.key for s in scenes}) == len({s.stem for s in scenes}) == 2
    assert not any("id=" in s.key for s in scenes)


@pytest.mark.parametrize(
    ("name", "content", "phrase"),
    [
        ("list.txt", b"# nothing\n", "holds no name"),
        ("list.txt", b"\xff\xfe\x00", "is not text in UTF-8"),
        ("items.json", b"{", "items.json cannot be used"),
        ("items.json", b'{"type":"FeatureCollection","features":[{"type":"Feature"}]}', "not a STAC Item"),
        ("empty/x.png", b"", "no file that matches"),
    ],
)
def test_what_holds_no_scene_ends_in_one_line(tmp_path, name, content, phrase):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    place = path.parent if name.startswith("empty") else path
    with pytest.raises(PrithviError, match=phrase) as e:
        find_scenes(str(place), "", False, tmp_path / "out")
    assert "\n" not in e.value.line


def item(name, *, properties=None, **assets):
    facts = {"platform": "sentinel-2a", **(properties or {})}
    return {"type": "Feature", "id": name, "properties": facts, "assets": assets}


def test_stac_items_are_scenes_by_their_assets(tmp_path):
    bands = [("B02", "blue"), ("B03", "green"), ("B04", "red"), ("B8A", "nir08"), ("B11", "swir16"), ("B12", "swir22")]
    apart = {
        key: {"href": f"./{key}.tif", "type": "image/tiff", "eo:bands": [{"name": key, "common_name": common}]}
        for key, common in bands
    }
    apart["thumbnail"] = {"href": "t.png", "roles": ["thumbnail"]}
    apart["visual"] = {"href": "v.tif", "roles": ["visual"]}
    apart["meta"] = {"href": "m.json", "type": "application/json"}
    whole = {"image": {"href": "https://host/six.tif", "bands": [{"name": n} for n, _ in bands]}}
    body = {"type": "FeatureCollection", "features": [item("one/x", **apart), item("two", **whole), item("three")]}
    (tmp_path / "items.json").write_text(json.dumps(body))
    one, two, three = find_scenes(str(tmp_path / "items.json"), "", False, tmp_path / "out")
    assert stacked_bands(one.source) == [
        ("BLUE", str(tmp_path / "B02.tif")),
        ("GREEN", str(tmp_path / "B03.tif")),
        ("RED", str(tmp_path / "B04.tif")),
        ("NIR_NARROW", str(tmp_path / "B8A.tif")),
        ("SWIR_1", str(tmp_path / "B11.tif")),
        ("SWIR_2", str(tmp_path / "B12.tif")),
    ]
    assert (one.key, one.stem) == ("one/x", "one_x")
    assert (two.source, two.stem) == ("https://host/six.tif", "two")
    with pytest.raises(PrithviError, match="The STAC item three has no assets"):  # its own failure, not the run's
        refuse_unusable(three.source)


def test_a_product_that_is_a_folder_is_one_scene_given_itself(tmp_path):
    name = "S2A_MSIL1C_20230314T104021_N0509_R008_T31UFS_20230314T124021"
    product = touch(tmp_path / f"{name}.SAFE", "MTD_MSIL1C.xml")
    (scene,) = find_scenes(f"{product}/", "", False, tmp_path / "out")
    assert (scene.source, scene.name, scene.stem) == (str(product), f"{name}.SAFE", name)
    assert not holds_scenes(str(product))
    assert holds_scenes(str(tmp_path))


HLS = "HLS.S30.T10SEG.{}T184921.v2.0"
LANDSAT = "LC08_L2SP_044034_20230721_20230802_02_T1"


def bands_of(name, *bands):
    joint = "_" if name.startswith("L") else "."
    return [f"{name}{joint}{band}.tif" for band in bands]


def test_files_of_one_band_each_are_one_scene_a_product(tmp_path):
    names = [HLS.format(day) for day in (2023200, 2023210)]
    for name in names:
        touch(tmp_path / "in", *bands_of(name, "B02", "B03", "Fmask", "SZA"))
    touch(tmp_path / "in", *bands_of(LANDSAT, "SR_B2", "QA_PIXEL", "ST_B10"), "other.tif", "HLS.txt")
    expected = [(n, n) for n in (*names, LANDSAT)] + [("other.tif", "other")]
    assert found(tmp_path / "in", tmp_path) == expected
    scenes = find_scenes(str(tmp_path / "in"), "", False, tmp_path / "out")
    assert scenes[0].source == scenes[0].key == str(tmp_path / "in" / names[0])
    assert found(tmp_path / "in", tmp_path, "*2023210*") == [(names[1], names[1])]
    assert found(tmp_path / "in", tmp_path, "*.SR_B2.tif;*_SR_B2.tif") == [(LANDSAT, LANDSAT)]


@pytest.mark.parametrize("recursive", [False, True])
def test_folders_of_one_product_each_are_scenes_called_by_the_product(tmp_path, recursive):
    names = [HLS.format(day) for day in (2023200, 2023210)]
    touch(tmp_path / "in" / names[0], *bands_of(names[0], "B02", "Fmask"))
    touch(tmp_path / "in" / "may", *bands_of(names[1], "B02"))
    expected = [(names[0], names[0]), (names[1], f"may/{names[1]}")]
    assert found(tmp_path / "in", tmp_path, recursive=recursive) == expected
    touch(tmp_path / "in" / "may", "mine.tif")  # which only a search finds
    more = [("mine.tif", "may/mine")] if recursive else []
    assert sorted(found(tmp_path / "in", tmp_path, recursive=recursive)) == sorted(expected + more)


def test_a_product_that_lies_there_in_two_ways_is_taken_once(tmp_path):
    a, b = (HLS.format(day) for day in (2023200, 2023210))
    for name in (a, b):
        touch(tmp_path / "in", *bands_of(name, "B02", "B03"))
    touch(tmp_path / "in", f"{a}.vrt", f"{LANDSAT}.tar")
    touch(tmp_path / "in" / b, *bands_of(b, "B02"))
    assert sorted(found(tmp_path / "in", tmp_path)) == [(f"{a}.vrt", a), (b, b), (f"{LANDSAT}.tar", f"{LANDSAT}.tar")]
    touch(tmp_path / "in" / LANDSAT, *bands_of(LANDSAT, "SR_B2"))
    assert (f"{LANDSAT}.tar", f"{LANDSAT}.tar") not in found(tmp_path / "in", tmp_path)
    assert (f"{LANDSAT}.tar", f"{LANDSAT}.tar") not in found(tmp_path / "in", tmp_path, "LC08*")


@pytest.mark.parametrize("recursive", [False, True])
def test_the_pattern_holds_for_products_in_folders_of_their_own_and_for_packed_ones(tmp_path, recursive):
    s30, l30 = HLS.format(2023200), HLS.format(2023200).replace("S30", "L30")
    touch(tmp_path / "in" / "S30", *bands_of(s30, "B02"))
    touch(tmp_path / "in" / "L30", *bands_of(l30, "B02"))
    touch(tmp_path / "in", "scene.tif", f"{LANDSAT}.tar")

    def names(pattern):
        return [name for name, _ in found(tmp_path / "in", tmp_path, pattern, recursive)]

    assert names("HLS.S30.*") == [s30]
    assert names("*.L30.*.B02.tif") == [l30]
    assert names("scene*.tif") == ["scene.tif"]
    assert names("LC08*") == [f"{LANDSAT}.tar"]
    assert names("") == [l30, s30, "scene.tif", f"{LANDSAT}.tar"]


@pytest.mark.parametrize("recursive", [False, True])
def test_a_folder_called_like_a_product_that_holds_none_hides_nothing(tmp_path, recursive):
    name = HLS.format(2023200)
    touch(tmp_path / "in", *bands_of(name, "B02"))
    (tmp_path / "in" / name).mkdir()
    assert found(tmp_path / "in", tmp_path, recursive=recursive) == [(name, name)]


def test_a_link_to_a_products_folder_is_that_product(tmp_path):
    name = HLS.format(2023200)
    touch(tmp_path / "archive" / name, *bands_of(name, "B02"))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).symlink_to(tmp_path / "archive" / name)
    assert found(tmp_path / "in", tmp_path, recursive=True) == [(name, name)]


@pytest.mark.parametrize("beside", [[], ["other.tif"]])
def test_a_packed_product_is_no_scene_where_it_lies_unpacked_in_any_folder(tmp_path, beside):
    touch(tmp_path / "in", f"{LANDSAT}.tar")
    touch(tmp_path / "in" / "unpacked", *bands_of(LANDSAT, "SR_B2"), *beside)
    for recursive in (False, True):
        names = [name for name, _ in found(tmp_path / "in", tmp_path, recursive=recursive)]
        assert names == [LANDSAT, *(beside if recursive else [])]


def test_a_product_is_the_same_scene_whatever_comes_to_lie_in_its_folder(tmp_path):
    name = HLS.format(2023200)
    product = touch(tmp_path / "in" / name, *bands_of(name, "B02"))

    def scenes(place, recursive):
        return find_scenes(str(place), "", recursive, product / "masks")

    (first,) = scenes(product, False)
    touch(product / "masks", f"{name}_mask.tif")
    touch(product / "earlier", f"{name}_mask.tif")
    (product / "earlier" / "results.csv").write_text("input,output,success,error_code\n")
    for recursive in (False, True):
        assert scenes(product, recursive) == scenes(product.parent, recursive) == [first]
    touch(product / "more", "other.tif")
    assert scenes(product, False) == [first]
    for place in (product, product.parent):
        same, other = scenes(place, True)
        assert (same, other.name) == (first, "other.tif")


def test_a_folder_of_one_product_is_that_scene_unless_there_is_more(tmp_path):
    name = HLS.format(2023200)
    folder = touch(tmp_path / "in", *bands_of(name, "B02", "Fmask"), "notes.txt")
    assert not holds_scenes(str(folder))
    assert found(folder, tmp_path) == found(folder / name, tmp_path) == [(name, name)]
    touch(folder, "other.tif")
    assert holds_scenes(str(folder))
    assert found(folder, tmp_path) == [(name, name), ("other.tif", "other")]
    touch(folder, f"{name}.cmr.xml")
    assert found(folder / f"{name}.cmr.xml", tmp_path) == [(name, name)]
    listing = tmp_path / "list.txt"
    touch(tmp_path / LANDSAT, *bands_of(LANDSAT, "SR_B2"), f"{LANDSAT}_MTL.txt")
    listing.write_text(f"in/{name}.cmr.xml\nin/{name}\n{LANDSAT}/{LANDSAT}_MTL.txt\n{LANDSAT}/\n{LANDSAT}\n")
    scenes = find_scenes(str(listing), "", False, tmp_path / "out")
    assert [(s.source, s.stem) for s in scenes] == [(str(folder / name), name), (str(tmp_path / LANDSAT), LANDSAT)]


@pytest.mark.parametrize(
    ("properties", "day"),
    [
        ({"datetime": "2023-07-19T18:49:21.123Z"}, "2023-07-19"),
        (
            {"datetime": None, "start_datetime": "2023-07-19T01:00:00Z", "end_datetime": "2023-07-19T02:00:00Z"},
            "2023-07-19",
        ),
        ({"datetime": None, "start_datetime": "2023-07-01T00:00:00Z", "end_datetime": "2023-07-31T00:00:00Z"}, ""),
        ({"datetime": "soon"}, ""),
        ({}, ""),
    ],
)
def test_a_stac_item_tells_the_day_of_its_scene(tmp_path, properties, day):
    body = item("one", properties=properties, image={"href": "a.tif"})
    (tmp_path / "item.json").write_text(json.dumps(body))
    (scene,) = find_scenes(str(tmp_path / "item.json"), "", False, tmp_path / "out")
    assert scene.stated.date == day


def test_landsats_metadata_are_no_list_of_scenes(tmp_path):
    folder = touch(tmp_path / LANDSAT, *bands_of(LANDSAT, "SR_B2"), f"{LANDSAT}_MTL.txt", f"{LANDSAT}_MTL.json")
    for kind in ("txt", "json"):
        (scene,) = find_scenes(str(folder / f"{LANDSAT}_MTL.{kind}"), "", False, tmp_path / "out")
        assert (scene.source, scene.name) == (str(folder), LANDSAT)


def test_outputs_keep_their_names_when_urls_are_signed_anew(tmp_path):
    def stems(signature):
        urls = [f"https://{host}/B.tif?sig={signature}" for host in ("a/x", "b/y")]
        (tmp_path / "list.txt").write_text("\n".join(urls))
        return [stem for _, stem in found(tmp_path / "list.txt", tmp_path)]

    assert len(set(stems(1))) == 2
    assert stems(1) == stems(2)


def test_comments_before_the_titles_of_a_table_are_passed_over(tmp_path):
    touch(tmp_path, "a.tif")
    (tmp_path / "list.csv").write_text("# of May\nid,path\n1,a.tif\n")
    assert [name for name, _ in found(tmp_path / "list.csv", tmp_path)] == ["a.tif"]


def test_an_item_whose_name_or_address_is_not_text_fails_alone(tmp_path):
    def item(name, href):
        return {"type": "Feature", "id": name, "properties": {}, "assets": {"data": {"href": href}}}

    items = [item("a", "\ud800.tif"), item("\ud800", "b.tif"), item("c", "c.tif")]
    (tmp_path / "items.json").write_text(json.dumps({"type": "FeatureCollection", "features": items}))
    scenes = find_scenes(str(tmp_path / "items.json"), "", False, tmp_path / "out")
    assert len(scenes) == 3
    for scene in scenes:
        (scene.source + scene.name + scene.key + scene.stem).encode()
