"""The apt source for backports is made from the machine's own source."""

from __future__ import annotations

import pytest

from setup.backports import backports


@pytest.fixture
def apt(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    return tmp_path


def _fields(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.splitlines() if not line.startswith(" "))


def test_deb822_source_is_copied_with_its_key(apt):
    (apt / "sources.list.d" / "debian.sources").write_text(
        "# made by the installer\nTypes: deb deb-src\nURIs: http://mirror.example/debian\n"
        "Suites: bookworm bookworm-updates\nComponents: main contrib\nSigned-By: /usr/share/keyrings/own.gpg\n\n"
        "Types: deb\nURIs: http://mirror.example/debian-security\nSuites: bookworm-security\nComponents: main\n"
    )
    assert _fields(backports("bookworm", apt)) == {
        "Types": "deb",
        "Uris": "http://mirror.example/debian",
        "Suites": "bookworm-backports",
        "Components": "main",
        "Signed-By": "/usr/share/keyrings/own.gpg",
    }


def test_key_inside_the_source_keeps_its_lines(apt):
    key = "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abcd\n -----END PGP PUBLIC KEY BLOCK-----"
    (apt / "sources.list.d" / "debian.sources").write_text(
        f"Types: deb\nURIs: http://mirror.example/debian/\nSuites: bookworm\nComponents: main\n{key}\n"
    )
    made = backports("bookworm", apt)
    assert " .\n abcd\n -----END" in made


def test_line_of_the_old_format_is_understood(apt):
    (apt / "sources.list").write_text(
        "# deb http://commented.example/debian bookworm main\n"
        "deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main non-free-firmware # ours\n"
    )
    assert _fields(backports("bookworm", apt)) == {
        "Types": "deb",
        "Uris": "http://mirror.example/debian",
        "Suites": "bookworm-backports",
        "Components": "main",
        "Architectures": "amd64",
        "Signed-By": "/k.gpg",
    }


def test_debian_is_preferred_to_another_publisher_of_the_same_suite(apt):
    (apt / "sources.list.d" / "a.list").write_text("deb http://packages.example/php bookworm main\n")
    (apt / "sources.list.d" / "b.list").write_text("deb http://mirror.example/debian bookworm main\n")
    assert "mirror.example/debian" in backports("bookworm", apt)


def test_disabled_and_missing_sources_give_nothing(apt):
    (apt / "sources.list.d" / "debian.sources").write_text(
        "Enabled: no\nTypes: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\nComponents: main\n"
    )
    assert backports("bookworm", apt) is None
