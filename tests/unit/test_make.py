"""What make's targets ask of the system before they begin."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from support import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="needs make")
TEST_TOOLS = "tools/setup/system.sh tests"  # Xvfb and venv, too


def commands(target: str) -> str:
    """What make would run."""
    return subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("target", ["demo", "engine", "bundle", "stage", "zip"])
def test_what_a_user_makes_asks_for_no_tools_of_the_tests(target):
    asked = commands(target)
    assert "tools/setup/system.sh\n" in asked
    assert TEST_TOOLS not in asked
    assert "dev.sh" not in asked


@pytest.mark.parametrize("target", ["lint", "suites"])
def test_checks_and_tests_ask_for_them(target):
    assert TEST_TOOLS in commands(target)
