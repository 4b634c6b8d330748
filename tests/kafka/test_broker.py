"""Proves the brokers the other tests stand on: a broken harness would make every proof on it worthless."""

import contextlib
import ssl
import uuid

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError
from kafka.admin import KafkaAdminClient, NewTopic

from tests.conftest import USERS, NewKafka
from tests.kafka.broker import KafkaBroker, Security

MIB = 1024 * 1024


def create(broker: KafkaBroker, topic: str) -> None:
    with contextlib.closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap)) as admin:
        admin.create_topics([NewTopic(topic, 2, 1)])
        admin.wait_for_topics([topic], timeout_ms=30_000)


async def send(bootstrap: str, topic: str, value: bytes, **options: object) -> int:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, max_request_size=64 * MIB, enable_idempotence=True, **options
    )
    try:
        await producer.start()
        return int((await producer.send_and_wait(topic, value, partition=1)).offset)
    finally:
        await producer.stop()


async def first(bootstrap: str, topic: str) -> bytes:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=uuid.uuid4().hex, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        return bytes((await consumer.getone()).value)
    finally:
        await consumer.stop()


@pytest.mark.timeout(60)
async def test_takes_a_record_of_sixteen_mebibytes(kafka: KafkaBroker, prefix: str) -> None:
    create(kafka, prefix + "large")
    value = uuid.uuid4().bytes * (MIB - 8)
    await send(kafka.bootstrap, prefix + "large", value)
    assert await first(kafka.bootstrap, prefix + "large") == value


@pytest.mark.timeout(60)
async def test_keeps_what_it_acknowledged_when_killed_and_answers_at_the_same_address(
    new_kafka: NewKafka, prefix: str
) -> None:
    broker = new_kafka()
    create(broker, prefix + "kept")
    address = broker.bootstrap
    await send(address, prefix + "kept", b"before")
    broker.kill()
    assert not broker.running
    broker.start()
    assert broker.bootstrap == address
    assert await send(address, prefix + "kept", b"after") == 1
    assert await first(address, prefix + "kept") == b"before"
    broker.restart()
    assert await first(address, prefix + "kept") == b"before"


@pytest.mark.timeout(60)
async def test_speaks_tls_to_those_who_trust_its_authority_by_the_name_localhost(
    kafka_tls: KafkaBroker, security: Security, prefix: str
) -> None:
    create(kafka_tls, prefix + "tls")
    trusting = {
        "security_protocol": "SSL",
        "ssl_context": ssl.create_default_context(cafile=security.authority.ca),
    }
    assert await send(kafka_tls.ssl, prefix + "tls", b"sealed", **trusting) == 0
    by_address = kafka_tls.ssl.replace("localhost", "127.0.0.1")
    with pytest.raises(KafkaConnectionError):
        await send(by_address, prefix + "tls", b"refused", **trusting)
    stranger = {"security_protocol": "SSL", "ssl_context": ssl.create_default_context()}
    with pytest.raises(KafkaConnectionError):
        await send(kafka_tls.ssl, prefix + "tls", b"refused", **stranger)
    assert await send(kafka_tls.ssl, prefix + "tls", b"again", **trusting) == 1


@pytest.mark.timeout(60)
async def test_lets_in_users_by_their_password_only(
    kafka_tls: KafkaBroker, security: Security, prefix: str
) -> None:
    create(kafka_tls, prefix + "sasl")
    user = {
        "security_protocol": "SASL_SSL",
        "ssl_context": ssl.create_default_context(cafile=security.authority.ca),
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "wirewatch",
    }
    assert (
        await send(kafka_tls.sasl_ssl, prefix + "sasl", b"in", sasl_plain_password=USERS["wirewatch"], **user)
        == 0
    )
    with pytest.raises(KafkaError):
        await send(kafka_tls.sasl_ssl, prefix + "sasl", b"out", sasl_plain_password="wrong", **user)  # noqa: S106
