"""Proves that a half-fetched Kafka is not taken for a whole one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tools import fetch_kafka


@pytest.fixture
def fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WIREWATCH_CACHE", str(tmp_path))
    libs = fetch_kafka.jars()
    libs.mkdir(parents=True)
    (libs / "kafka.jar").write_bytes(b"whole")
    (libs / fetch_kafka.MANIFEST).write_text("kafka.jar 5\n")
    return libs


def test_jars_that_are_all_there_are_not_fetched_again(fetched: Path) -> None:
    assert fetched.is_dir()
    assert "already" in fetch_kafka.fetch()


def cut(libs: Path) -> None:
    (libs / "kafka.jar").write_bytes(b"who")


def lost(libs: Path) -> None:
    (libs / "kafka.jar").unlink()


def unlisted(libs: Path) -> None:
    (libs / fetch_kafka.MANIFEST).unlink()


def garbled(libs: Path) -> None:
    (libs / fetch_kafka.MANIFEST).write_text("kafka.jar\n")


@pytest.mark.parametrize("damage", [cut, lost, unlisted, garbled])
def test_a_damaged_folder_is_missing(
    fetched: Path, damage: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert fetch_kafka.missing() is None
    damage(fetched)
    assert "make test" in (fetch_kafka.missing() or "")
