"""The dashboards: as their code builds them, readable by Grafana's own types, and fit to be looked at."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from prometheus_client import CollectorRegistry

from deploy.grafana.build import DASHBOARDS, HERE, build
from streams.metrics import Metrics

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = r"(?:rate|increase)\(\s*"


@pytest.fixture(params=sorted(DASHBOARDS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def checked_in(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text())
    return loaded


def test_what_is_checked_in_is_what_the_code_builds(name: str) -> None:
    assert checked_in(name) == build(name), "run python -m deploy.grafana.build"


def test_every_key_survives_grafanas_own_types(name: str) -> None:
    once = checked_in(name)
    again = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(once)))
    assert again == once


def test_panels_have_titles_meanings_units_and_ids_of_their_own(name: str) -> None:
    panels = checked_in(name)["panels"]
    for field in ("id", "title"):
        values = [panel[field] for panel in panels]
        assert len(set(values)) == len(values)
    for panel in panels:
        assert panel["description"], panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]


def test_no_two_panels_overlap_and_none_leaves_the_grid(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in checked_in(name)["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


def test_queries_ask_the_chosen_source_and_instances_over_the_right_interval(name: str) -> None:
    for panel in checked_in(name)["panels"]:
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "${datasource}"
            assert 'instance=~"$instance"' in target["expr"]
            for window in re.findall(r"\[([^\]]+)\]", target["expr"]):
                assert window == "$__rate_interval"


def test_queries_name_metrics_that_exist_and_counters_stand_inside_a_rate(name: str) -> None:
    registry = CollectorRegistry()
    Metrics(registry)
    samples = {s.name: family.type for family in registry.collect() for s in family.samples}
    families = {f.name: f.type for f in registry.collect()}
    for panel in checked_in(name)["panels"]:
        for target in panel["targets"]:
            for metric in re.findall(r"wirewatch_\w+", target["expr"]):
                stem = re.sub(r"_(total|bucket|sum|count)$", "", metric)
                assert metric in samples or stem in families, f"{panel['title']}: {metric}"
                if families.get(stem) in ("counter", "histogram"):
                    assert re.search(FUNCTIONS + metric, target["expr"]), f"{panel['title']}: {metric}"


def test_every_metric_is_shown_somewhere_or_says_what_is_running() -> None:
    written = " ".join((HERE / f"{name}.json").read_text() for name in DASHBOARDS)
    shown = {
        re.sub(r"_(total|bucket|sum|count)$", "", metric) for metric in re.findall(r"wirewatch_\w+", written)
    }
    registry = CollectorRegistry()
    Metrics(registry)
    unseen = {family.name for family in registry.collect() if family.name not in shown}
    assert unseen == {"wirewatch_rules", "wirewatch_build", "wirewatch_nlp_batch_duration_seconds"}


def test_grafana_is_provisioned_with_the_folder_that_holds_them() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    provider = (ROOT / "deploy/grafana/provisioning/dashboards/wirewatch.yml").read_text()
    [path] = re.findall(r"path: (\S+)", provider)
    assert f"./deploy/grafana/dashboards:{path}" in compose
