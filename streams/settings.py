"""Every setting once: its default, its meaning, its bounds, and where its value came from."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

PREFIX = "WIREWATCH_"
DEFAULT_FILE = Path("wirewatch.toml")
MIB = 1024 * 1024
# Variables with our prefix that are not settings: where the file is, and what the test lanes read.
NOT_SETTINGS = {"CONFIG", "DATA", "REQUIRE_LANES", "CACHE", "RELOADS"}


class SettingsError(ValueError):
    """Settings that can't be used: the message names each, where it came from and how to mend it."""


class Settings(BaseModel):
    """What a worker and the commands are told. Built by `load`, never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bootstrap: str = Field("127.0.0.1:9092", description="Kafka brokers, host:port, separated by commas")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_SSL"] = Field(
        "PLAINTEXT", description="how brokers are spoken to"
    )
    ssl_ca_file: Path | None = Field(
        None, description="certificates of the authorities that brokers are trusted by; the system's if unset"
    )
    ssl_cert_file: Path | None = Field(None, description="this client's certificate, for mutual TLS")
    ssl_key_file: Path | None = Field(None, description="the key of this client's certificate")
    sasl_mechanism: Literal["SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"] = Field(
        "SCRAM-SHA-512", description="how this client proves who it is"
    )
    sasl_username: str | None = Field(None, description="user name for SASL")
    sasl_password: SecretStr | None = Field(None, description="password for SASL; a file is better")
    sasl_password_file: Path | None = Field(None, description="file whose first line is the SASL password")

    topic_prefix: str = Field("", description="put before every topic and group name", pattern=r"^[\w.-]*$")
    group: str = Field(
        "wirewatch", description="stem of the consumer groups' names", pattern=r"^[\w.-]+$", max_length=100
    )
    article_partitions: int = Field(
        12, ge=1, le=10_000, description="partitions of `articles` when it is created; may grow later"
    )
    shards: int = Field(
        12, ge=1, le=1_000, description="partitions of `matches` and `alerts`; fixed once there are alerts"
    )
    replication: int = Field(1, ge=1, le=10, description="replicas of each topic when it is created")
    article_max_bytes: int = Field(
        16 * MIB, ge=10_000, le=512 * MIB, description="largest record of `articles`, in bytes"
    )

    rules_dir: Path | None = Field(
        None, description="folder of rule packs; the packs that come with the project if unset"
    )
    rules_from: Literal["files", "topic"] = Field(
        "files", description="where a worker's rules come from: rules_dir, or what was published to `rules`"
    )
    rules_check_seconds: float = Field(
        2.0, ge=0.1, le=3_600, description="how often a worker looks whether its rules changed"
    )
    models: tuple[str, ...] = Field(
        ("en_core_web_sm", "fr_core_news_sm"), description="spaCy pipelines, at most one a language"
    )
    entities: Literal["all", "matched", "off"] = Field(
        "all", description="which articles have their entities read: all, those that match a rule, none"
    )

    pool_children: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, le=256, description="processes that analyse"
    )
    batch_articles: int = Field(8, ge=1, le=1_000, description="articles a child is given at once, at most")
    batch_bytes: int = Field(
        MIB, ge=1, description="bytes a child is given at once, one article more at most"
    )
    inflight_bytes: int = Field(
        64 * MIB, ge=MIB, description="bytes of articles taken and not yet acknowledged, at most"
    )
    article_timeout_seconds: float = Field(
        10.0, gt=0, le=600, description="seconds a batch, then each of its articles alone, may take"
    )
    child_memory_bytes: int = Field(
        2048 * MIB, ge=256 * MIB, description="private memory of a child, at most"
    )
    child_recycle_articles: int = Field(
        20_000, ge=1, description="articles after which a child is replaced by a fresh one"
    )

    session_timeout_seconds: float = Field(
        30.0, ge=1, le=300, description="silence after which Kafka takes a worker for dead"
    )
    rebalance_timeout_seconds: float = Field(
        720.0, ge=1, le=3_600, description="how long Kafka waits for a worker when partitions move"
    )
    metrics_host: str = Field("127.0.0.1", description="address of /metrics, /livez and /readyz")
    metrics_port: int = Field(9108, ge=0, le=65_535, description="their port; 0 takes a free one")
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="JSON lines, text, or text only on a terminal"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="least severe log lines written"
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        worst = (1 + 2 * self.batch_articles) * self.article_timeout_seconds
        if worst > self.rebalance_timeout_seconds / 2:
            raise ValueError(
                f"a batch whose articles all hang takes {worst:.0f} s ((1 + 2 x batch_articles) x "
                f"article_timeout_seconds), more than half of rebalance_timeout_seconds "
                f"({self.rebalance_timeout_seconds:.0f}): lower the first two or raise the last"
            )
        if self.security_protocol == "SASL_SSL" and not (
            self.sasl_username and (self.sasl_password or self.sasl_password_file)
        ):
            raise ValueError("SASL_SSL needs sasl_username and sasl_password_file (or sasl_password)")
        if (self.ssl_cert_file is None) != (self.ssl_key_file is None):
            raise ValueError("ssl_cert_file and ssl_key_file go together: set both or neither")
        return self


class Loaded:
    """Settings, and for each field the place its value came from."""

    def __init__(self, settings: Settings, origins: Mapping[str, str]) -> None:
        self.settings = settings
        self.origins = dict(origins)

    def rows(self) -> list[dict[str, Any]]:
        """Give name, value and origin of each setting, secrets masked, in the order of declaration."""
        values = self.settings.model_dump(mode="json")
        return [
            {"name": name, "value": values[name], "from": self.origins.get(name, "default")}
            for name in Settings.model_fields
        ]


def load(
    flags: Mapping[str, Any] | None = None,
    *,
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Loaded:
    """Build the settings: flag over environment over file over default.

    `file` defaults to WIREWATCH_CONFIG, then wirewatch.toml in the working folder if there is one.

    Raises:
        SettingsError: an unknown name (with the nearest known one), a value that can't be, or a
            file that is missing or broken.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for source, found in (
        *_from_file(file, environ),
        ("environment", _from_environment(environ)),
        ("flag", {name: value for name, value in (flags or {}).items() if value is not None}),
    ):
        for name, value in found.items():
            _must_be_known(name, source)
            values[name] = value
            origins[name] = f"{source} {PREFIX}{name.upper()}" if source == "environment" else source
    try:
        return Loaded(Settings(**values), origins)
    except ValidationError as error:
        raise SettingsError("\n".join(_explained(fault, origins) for fault in error.errors())) from None


def environment(settings: Settings, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give the environment in which another process has these settings, whatever else `base` says."""
    environ = os.environ if base is None else base
    kept = {name: value for name, value in environ.items() if not name.startswith(PREFIX)}
    values = settings.model_dump(mode="json", exclude_none=True, exclude={"sasl_password"})
    if settings.sasl_password is not None:
        values["sasl_password"] = settings.sasl_password.get_secret_value()
    for name, value in values.items():
        kept[PREFIX + name.upper()] = ",".join(value) if isinstance(value, list) else str(value)
    return kept


def _from_file(file: Path | None, environ: Mapping[str, str]) -> list[tuple[str, dict[str, Any]]]:
    named = file or (Path(environ[PREFIX + "CONFIG"]) if environ.get(PREFIX + "CONFIG") else None)
    path = named or DEFAULT_FILE
    if not path.is_file():
        if named is None:
            return []
        raise SettingsError(f"{path}: there is no such file; name an existing one or leave it out")
    try:
        return [(f"file {path}", tomllib.loads(path.read_text(encoding="utf-8")))]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{path}: {error}; a settings file is TOML: name = value, a line each") from None


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for variable, value in environ.items():
        name = variable.removeprefix(PREFIX)
        if variable.startswith(PREFIX) and name not in NOT_SETTINGS:
            field = Settings.model_fields.get(name.lower())
            many = field is not None and field.annotation == tuple[str, ...]
            found[name.lower()] = tuple(filter(None, value.replace(" ", ",").split(","))) if many else value
    return found


def _must_be_known(name: str, source: str) -> None:
    if name in Settings.model_fields:
        return
    shown = PREFIX + name.upper() if source == "environment" else name
    near = difflib.get_close_matches(name, Settings.model_fields, n=1)
    known = [PREFIX + match.upper() if source == "environment" else match for match in near]
    hint = f"did you mean {known[0]}?" if near else "`wirewatch config` lists the known ones"
    raise SettingsError(f"{source}: unknown setting {shown}; {hint}")


def _explained(fault: Any, origins: Mapping[str, str]) -> str:
    name = str(fault["loc"][0]) if fault["loc"] else ""
    message = str(fault["msg"]).removeprefix("Value error, ")
    if not name:
        return message
    # A secret is named, never shown.
    shown = "" if "password" in name else f" (got {fault.get('input')!r:.80})"
    return f"{name}, from {origins.get(name, 'default')}: {message}{shown}"
