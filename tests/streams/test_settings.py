"""Settings: flag over environment over file over default, and every mistake named."""

from pathlib import Path

import pytest

from streams.settings import SettingsError, load


def test_a_flag_wins_over_the_environment_the_environment_over_the_file_and_the_file_over_the_default(
    tmp_path: Path,
) -> None:
    file = tmp_path / "wirewatch.toml"
    file.write_text('group = "file"\nshards = 3\nreplication = 2\n')
    loaded = load(
        {"group": "flag"},
        file=file,
        environ={"WIREWATCH_GROUP": "environment", "WIREWATCH_SHARDS": "4"},
    )
    assert (loaded.settings.group, loaded.settings.shards, loaded.settings.replication) == ("flag", 4, 2)
    origins = {row["name"]: row["from"] for row in loaded.rows()}
    assert origins["group"] == "flag"
    assert origins["shards"] == "environment WIREWATCH_SHARDS"
    assert origins["replication"] == f"file {file}"
    assert origins["article_partitions"] == "default"


@pytest.mark.parametrize(
    ("flags", "environ", "named", "meant"),
    [
        ({}, {"WIREWATCH_BOTSTRAP": "x:1"}, "WIREWATCH_BOTSTRAP", "WIREWATCH_BOOTSTRAP"),
        ({"shard": 3}, {}, "shard", "shards"),
    ],
)
def test_an_unknown_name_is_an_error_that_tells_the_nearest_known_one(
    flags: dict[str, object], environ: dict[str, str], named: str, meant: str
) -> None:
    with pytest.raises(SettingsError, match=rf"unknown setting {named}; did you mean {meant}\?"):
        load(flags, environ=environ)


def test_an_unknown_name_in_the_file_is_an_error_too(tmp_path: Path) -> None:
    file = tmp_path / "wirewatch.toml"
    file.write_text("metrics_prt = 9\n")
    with pytest.raises(SettingsError, match="did you mean metrics_port"):
        load(file=file, environ={})


@pytest.mark.parametrize(
    ("content", "said"), [("group = ", "Invalid value"), ("shards = 0", "shards"), ("shards = 'x'", "shards")]
)
def test_a_broken_file_or_value_says_which(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "wirewatch.toml"
    file.write_text(content)
    with pytest.raises(SettingsError, match=said):
        load(file=file, environ={})


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        load(file=tmp_path / "absent.toml", environ={})


def test_all_wrong_values_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        load({"shards": 0, "metrics_port": 70_000}, environ={})
    assert "shards" in str(error.value)
    assert "metrics_port" in str(error.value)


def test_a_password_is_masked_wherever_settings_are_shown() -> None:
    loaded = load(
        {"security_protocol": "SASL_SSL", "sasl_username": "u", "sasl_password": "very-secret"}, environ={}
    )
    assert "very-secret" not in repr(loaded.settings)
    assert "very-secret" not in str(loaded.rows())
    with pytest.raises(SettingsError) as error:
        load({"sasl_password": ["very-secret"]}, environ={})
    assert "very-secret" not in str(error.value)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"security_protocol": "SASL_SSL"}, "sasl_username"),
        ({"ssl_cert_file": "cert.pem"}, "ssl_key_file"),
        ({"batch_articles": 900}, "rebalance_timeout_seconds"),
    ],
)
def test_settings_that_do_not_go_together_say_how_to_mend_it(flags: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load(flags, environ={})
