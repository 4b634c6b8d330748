"""The same security settings reach a real TLS and a real SASL listener by every client; a wrong host by none."""

import asyncio
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError as AiokafkaError
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from streams import topics
from streams.app import group_app
from streams.publish import publish
from streams.security import aiokafka_options, kafka_python_options
from streams.settings import Settings, SettingsError, load
from tests.conftest import USERS
from tests.kafka.broker import KafkaBroker, Security

USER, PASSWORD = next(iter(USERS.items()))


def settings(protocol: str, bootstrap: str, security: Security, **values: object) -> Settings:
    flags: dict[str, object] = {
        "bootstrap": bootstrap,
        "security_protocol": protocol,
        "ssl_ca_file": security.authority.ca,
    }
    if protocol == "SASL_SSL":
        flags |= {"sasl_username": USER, "sasl_password": PASSWORD}
    return load(flags | values, environ={}).settings


@pytest.fixture(params=["SSL", "SASL_SSL"])
def secured(request: pytest.FixtureRequest, kafka_tls: KafkaBroker, security: Security) -> Settings:
    bootstrap = kafka_tls.ssl if request.param == "SSL" else kafka_tls.sasl_ssl
    return settings(request.param, bootstrap, security)


def with_host(settings: Settings, host: str) -> Settings:
    port = settings.bootstrap.rpartition(":")[2]
    return settings.model_copy(update={"bootstrap": f"{host}:{port}"})


async def reach_by_aiokafka(settings: Settings) -> None:
    producer = AIOKafkaProducer(request_timeout_ms=5_000, **aiokafka_options(settings))
    try:
        await producer.start()
    finally:
        await producer.stop()


def reach_by_kafka_python(settings: Settings) -> None:
    KafkaAdminClient(**kafka_python_options(settings) | {"bootstrap_timeout_ms": 4_000}).close()


async def reach_by_faust(settings: Settings) -> None:
    app = group_app(settings, "probe")
    await app.producer.start()
    await app.producer.stop()


def test_kafka_python_reaches_the_broker(secured: Settings) -> None:
    reach_by_kafka_python(secured)


def test_topics_are_made_and_articles_published(secured: Settings, prefix: str) -> None:
    mine = secured.model_copy(update={"topic_prefix": prefix})
    topics.create(mine)
    assert publish(mine, [b'{"id": "1", "text": "one"}']).published == 1


async def test_aiokafka_reaches_the_broker(secured: Settings) -> None:
    await reach_by_aiokafka(secured)


async def test_faust_reaches_the_broker(secured: Settings) -> None:
    await reach_by_faust(secured)


def test_kafka_python_refuses_a_host_the_certificate_does_not_name(secured: Settings) -> None:
    with pytest.raises(KafkaError):
        reach_by_kafka_python(with_host(secured, "127.0.0.1"))


async def test_aiokafka_refuses_a_host_the_certificate_does_not_name(secured: Settings) -> None:
    with pytest.raises(AiokafkaError):
        await reach_by_aiokafka(with_host(secured, "127.0.0.1"))


async def test_faust_refuses_a_host_the_certificate_does_not_name(secured: Settings) -> None:
    with pytest.raises(Exception, match=r"(?i)connect|bootstrap|certificate"):
        async with asyncio.timeout(30):
            await reach_by_faust(with_host(secured, "127.0.0.1"))


def test_a_broker_of_an_unknown_authority_is_refused(kafka_tls: KafkaBroker) -> None:
    unknown = load({"bootstrap": kafka_tls.ssl, "security_protocol": "SSL"}, environ={}).settings
    with pytest.raises(KafkaError):
        reach_by_kafka_python(unknown)


def test_a_wrong_password_is_refused(kafka_tls: KafkaBroker, security: Security) -> None:
    wrong = settings("SASL_SSL", kafka_tls.sasl_ssl, security, sasl_password="wrong")  # noqa: S106
    with pytest.raises(KafkaError):
        reach_by_kafka_python(wrong)


def test_a_password_can_stand_in_a_file(kafka_tls: KafkaBroker, security: Security, tmp_path: Any) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    reach_by_kafka_python(
        settings("SASL_SSL", kafka_tls.sasl_ssl, security, sasl_password=None, sasl_password_file=file)
    )


def test_a_certificate_file_that_is_none_is_named(tmp_path: Any) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("nothing of the kind")
    broken = load({"security_protocol": "SSL", "ssl_ca_file": file}, environ={}).settings
    with pytest.raises(SettingsError, match="ssl_ca_file"):
        aiokafka_options(broken)
