"""Proves that docker-compose.yml, the image and Prometheus agree with each other and with the settings."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from streams.settings import Settings, load

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ("topics", "worker", "publisher")
PINNED = r"^[a-z0-9./-]+:v?\d+\.\d+\.\d+$"

STRINGS = {"type": "array", "items": {"type": "string"}}
SERVICE = {
    "type": "object",
    "required": ["image", "cap_drop", "security_opt", "networks", "restart"],
    "additionalProperties": False,
    "properties": {
        "image": {"pattern": PINNED},
        "build": {"type": "object", "required": ["context", "dockerfile"]},
        "environment": {"type": "object", "additionalProperties": {"type": "string"}},
        "user": {"pattern": r"^[1-9]\d*:\d+$"},
        "read_only": {"const": True},
        "tmpfs": STRINGS,
        "cap_drop": {"const": ["ALL"]},
        "security_opt": {"const": ["no-new-privileges:true"]},
        "networks": STRINGS,
        "ports": {"type": "array", "items": {"pattern": r"^127\.0\.0\.1:\d+:\d+$"}},
        "expose": {"type": "array", "items": {"pattern": r"^\d+$"}},
        "volumes": STRINGS,
        "command": STRINGS,
        "profiles": STRINGS,
        "deploy": {"type": "object"},
        "restart": {"enum": ["no", "unless-stopped", "on-failure:3"]},
        "stop_grace_period": {"pattern": r"^\d+s$"},
        "depends_on": {"type": "object"},
        "healthcheck": {"oneOf": [{"required": ["test", "interval", "timeout"]}, {"required": ["disable"]}]},
    },
}


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return found


def services() -> dict[str, Any]:
    found: dict[str, Any] = compose()["services"]
    return found


def dockerfile() -> str:
    return (ROOT / "deploy/docker/Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")


def image_environment() -> dict[str, str]:
    (line,) = re.findall(r"^ENV (PATH=.*)$", dockerfile(), re.MULTILINE)
    return dict(pair.split("=", 1) for pair in line.split())


def settings_of(name: str) -> Settings:
    # A variable that the user may set stands for its default.
    own = services()[name]["environment"]
    given = {key: re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", value) for key, value in own.items()}
    return load(environ=image_environment() | given).settings


@pytest.mark.parametrize("name", services())
def test_each_service_is_pinned_unprivileged_and_reachable_from_this_machine_only(name: str) -> None:
    jsonschema.validate(services()[name], SERVICE)


@pytest.mark.parametrize("name", OURS)
def test_ours_run_read_only_as_the_user_of_the_image(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True
    assert f"USER {service['user']}\n" in dockerfile()
    assert any(mount.startswith("/tmp:") for mount in service["tmpfs"])  # noqa: S108


@pytest.mark.parametrize("name", OURS)
def test_their_settings_are_ones_that_the_program_accepts(name: str) -> None:
    assert settings_of(name).bootstrap in services()["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]


def test_the_worker_serves_where_the_image_exposes_and_prometheus_scrapes() -> None:
    worker = settings_of("worker")
    (job,) = [
        job
        for job in yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())["scrape_configs"]
        if job["job_name"] == "wirewatch"
    ]
    assert worker.metrics_host == "0.0.0.0"  # noqa: S104
    assert job["dns_sd_configs"][0]["port"] == worker.metrics_port
    assert job["dns_sd_configs"][0]["names"] == ["worker"]
    assert services()["worker"]["expose"] == [str(worker.metrics_port)]
    assert f"EXPOSE {worker.metrics_port}\n" in dockerfile()
    assert f":{worker.metrics_port}/livez" in dockerfile()
    assert f":{worker.metrics_port}/livez" in services()["worker"]["healthcheck"]["test"][-1]


def test_two_workers_share_the_articles_once_the_topics_are_there() -> None:
    worker = services()["worker"]
    assert worker["deploy"]["replicas"] == 2
    assert worker["depends_on"]["topics"] == {"condition": "service_completed_successfully"}


def test_what_is_depended_on_mounted_and_joined_is_defined() -> None:
    whole = compose()
    for service in services().values():
        assert set(service.get("depends_on", {})) <= set(services())
        assert set(service["networks"]) <= set(whole["networks"])
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).is_dir() if source.startswith("./") else source in whole["volumes"], source


def test_a_service_waits_only_for_the_health_of_services_that_tell_it() -> None:
    for service in services().values():
        for name, wait in service.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert "test" in services()[name]["healthcheck"]


def test_the_image_is_built_from_what_the_builder_is_sent_and_installs_by_hash() -> None:
    text = dockerfile()
    sent = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert set(copied) == set(sent)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    shipped = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {*shipped["packages"], *shipped["force-include"]} <= set(copied)
    for source in copied:
        assert (ROOT / source).exists(), source
    installs = re.findall(r"pip install (.*?)(?:$|&&)", text, re.MULTILINE)
    assert all("--require-hashes" in options or "--no-index" in options for options in installs)
    assert project["project"]["version"] in services()["worker"]["image"]


def test_the_image_has_fixed_bases_and_says_how_it_is() -> None:
    bases = re.findall(r"^FROM (\S+)", dockerfile(), re.MULTILINE)
    assert len(bases) == 2
    assert all(re.match(r"^python:3\.11\.\d+-slim-bookworm$", base) for base in bases)
    assert "HEALTHCHECK" in dockerfile().split("FROM")[-1]


def test_the_compose_program_accepts_the_file() -> None:
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode
    ):
        pytest.skip("there is no docker compose here; the tests above check the file by their own schema")
    done = subprocess.run(
        [docker, "compose", "config", "--quiet"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
