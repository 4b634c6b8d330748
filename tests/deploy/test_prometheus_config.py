"""Proves that Prometheus itself accepts the configuration that docker-compose gives it."""

import subprocess
from pathlib import Path

import pytest

CONFIG = Path(__file__).resolve().parent.parent.parent / "deploy/prometheus/prometheus.yml"


@pytest.mark.prometheus
def test_promtool_accepts_the_scrape_configuration_and_its_rules() -> None:
    done = subprocess.run(
        ["promtool", "check", "config", str(CONFIG)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
