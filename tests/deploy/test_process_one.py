"""In a container the program is process 1: its children must not take that for a parent that died."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

IN_A_NAMESPACE = ["unshare", "--pid", "--fork", "--mount-proc"]


def namespaces() -> bool:
    try:
        return subprocess.run([*IN_A_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(
    not namespaces(), reason="only Linux, and only root there, gives a process 1 of one's own"
)
def test_a_pool_works_below_process_one(tmp_path: Path) -> None:
    article = tmp_path / "a.jsonl"
    article.write_text('{"id": "1", "title": "A", "text": "A troop build-up at the border."}\n')
    done = subprocess.run(
        [*IN_A_NAMESPACE, sys.executable, "-m", "streams.cli", "analyse", str(article), "--entities", "off"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcome"] == "enriched"
