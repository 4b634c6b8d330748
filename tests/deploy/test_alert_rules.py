"""Prometheus' rules: accepted and tested by promtool, each with a runbook."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy/prometheus/wirewatch.rules.yml"
TESTS = ROOT / "deploy/prometheus/wirewatch.test.yml"
ALERTS = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def promtool(*arguments: str) -> None:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.prometheus
def test_promtool_finds_nothing_to_object_to() -> None:
    promtool("check", "rules", "--lint=all", "--lint-fatal", str(RULES))


@pytest.mark.prometheus
def test_each_alert_fires_when_it_should_and_none_when_all_is_well() -> None:
    promtool("test", "rules", str(TESTS))


def test_every_alert_is_tested() -> None:
    tested = set(re.findall(r'alertname="(\w+)"', TESTS.read_text()))
    assert tested == {alert["alert"] for alert in ALERTS}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_every_alert_says_how_bad_it_is_and_has_a_runbook(alert: dict[str, dict[str, str]]) -> None:
    assert alert["labels"]["severity"] in ("page", "ticket")
    page, _, anchor = alert["annotations"]["runbook"].partition("#")
    assert f"## {alert['alert']}\n" in (ROOT / page).read_text()
    assert anchor == str(alert["alert"]).lower()
