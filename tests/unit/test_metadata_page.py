"""The page on what is read from where is what the code reads."""

from __future__ import annotations

from tools import metadata_page


def test_the_page_is_current():
    assert metadata_page.PAGE.read_text(encoding="utf-8") == metadata_page.page(), "python3 -m tools.metadata_page"


def test_the_check_fails_on_a_page_that_is_out_of_date(tmp_path, monkeypatch):
    monkeypatch.setattr(metadata_page, "PAGE", tmp_path / "page.md")
    metadata_page.PAGE.write_text("old")
    assert metadata_page.main(["--check"]) == 1 and metadata_page.PAGE.read_text() == "old"
    assert metadata_page.main([]) == 0 == metadata_page.main(["--check"])
