"""Proves that a lane whose tools are missing says so, and fails where it was required."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def run_without_kafka(cache: Path, *, required: bool) -> tuple[int, str]:
    environment = os.environ | {
        "WIREWATCH_CACHE": str(cache),
        "WIREWATCH_REQUIRE_LANES": "1" if required else "0",
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "tests/kafka", "tests/tools/test_fetch_kafka.py"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(("required", "status"), [(False, 0), (True, 1)])
def test_a_lane_without_its_tools_does_not_run_and_says_how_to_get_them(
    tmp_path: Path, required: bool, status: int
) -> None:
    code, said = run_without_kafka(tmp_path, required=required)
    (line,) = [line for line in said.splitlines() if line.startswith("lane kafka:")]
    assert re.match(r"lane kafka: 0 passed; [1-9]\d* not run: ", line)
    assert "make test" in line
    assert ("[required, and no test passed]" in line) is required
    assert re.search(r"lane core: [1-9]\d* passed$", said, re.MULTILINE)
    assert code == status
