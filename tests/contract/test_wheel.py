"""The wheel is whole: installed outside the checkout it has its rules and its demo, and runs."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from streams import demo

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder in which the wheel is installed; it is all of ours that `run` can import."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target"]
    subprocess.run([*command, str(folder), str(wheel)], check=True, capture_output=True, timeout=60)
    return folder


def run(installed: Path, elsewhere: Path, *command: str, timeout: float = 30) -> str:
    # The folder comes before the checkout, which is installed in this environment too.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("WIREWATCH_")}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=elsewhere,
        env=environ | {"PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_runs_is_what_is_installed(installed: Path, tmp_path: Path) -> None:
    files = run(
        installed, tmp_path, "-c", "import streams, processors; print(streams.__file__, processors.__file__)"
    )
    assert [Path(file).parent.parent for file in files.split()] == [installed, installed]


def test_it_brings_every_rule_that_is_shipped(installed: Path, tmp_path: Path) -> None:
    listed = json.loads(run(installed, tmp_path, "-m", "streams.cli", "rules", "list", "--json"))
    ours = json.loads(run(ROOT, tmp_path, "-m", "streams.cli", "rules", "list", "--json"))
    assert listed == ours
    assert len(listed) > 5


def test_it_holds_the_product_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as content:
        names = content.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"processors", "streams"}
    assert any(name.endswith("LICENSE") for name in names)
    assert not [name for name in names if name.endswith((".pyc", ".toml"))]


@pytest.mark.embedded
@pytest.mark.timeout(120)
def test_its_demo_runs_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    command = ("-m", "streams.cli", "demo", "--json", "--set", "entities=off")
    total = json.loads(run(installed, tmp_path, *command, timeout=100))
    assert total["articles_in"] == len(demo.load(0))
    assert total["alerts"] > 20
