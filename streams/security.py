"""The same security settings in the words of each Kafka client. Host names are always checked."""

import ssl
from pathlib import Path
from typing import Any

import faust
from faust.types.auth import CredentialsT

from streams.settings import Settings, SettingsError

BOOTSTRAP_MS = 10_000  # kafka-python waits 30 s otherwise: long for a person at a prompt


def ssl_context(settings: Settings) -> ssl.SSLContext | None:
    """Give the TLS context for brokers, None where nothing is encrypted.

    Raises:
        SettingsError: a certificate or key can't be read.
    """
    if settings.security_protocol == "PLAINTEXT":
        return None
    try:
        context = ssl.create_default_context(cafile=settings.ssl_ca_file)
        if settings.ssl_cert_file is not None:
            context.load_cert_chain(settings.ssl_cert_file, settings.ssl_key_file)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"ssl_ca_file, ssl_cert_file or ssl_key_file can't be used: {error}; they are PEM files"
        ) from None
    return context


def password(settings: Settings) -> str | None:
    """Give the SASL password, from its file where one is named.

    Raises:
        SettingsError: the file can't be read or is empty.
    """
    if settings.sasl_password_file is not None:
        return _first_line(settings.sasl_password_file)
    return settings.sasl_password.get_secret_value() if settings.sasl_password else None


def aiokafka_options(settings: Settings) -> dict[str, Any]:
    """Give what an aiokafka client needs to reach the brokers."""
    return {
        "bootstrap_servers": settings.bootstrap,
        "security_protocol": settings.security_protocol,
        "ssl_context": ssl_context(settings),
        **_sasl(settings),
    }


def kafka_python_options(settings: Settings) -> dict[str, Any]:
    """Give what a kafka-python client needs to reach the brokers."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap.split(","),
        "security_protocol": settings.security_protocol,
        "bootstrap_timeout_ms": BOOTSTRAP_MS,
        **_sasl(settings),
    }
    context = ssl_context(settings)
    if context is not None:
        options |= {"ssl_context": context, "ssl_check_hostname": True}
    return options


def faust_credentials(settings: Settings) -> CredentialsT | None:
    """Give what a Faust app needs to reach the brokers, None where nothing is encrypted."""
    context = ssl_context(settings)
    if context is None:
        return None
    if settings.security_protocol == "SSL":
        return faust.SSLCredentials(context)
    return faust.SASLCredentials(
        ssl_context=context,
        mechanism=settings.sasl_mechanism,
        username=settings.sasl_username,
        password=password(settings),
    )


def _sasl(settings: Settings) -> dict[str, Any]:
    if settings.security_protocol != "SASL_SSL":
        return {}
    return {
        "sasl_mechanism": settings.sasl_mechanism,
        "sasl_plain_username": settings.sasl_username,
        "sasl_plain_password": password(settings),
    }


def _first_line(path: Path) -> str:
    try:
        line = path.read_text(encoding="utf-8").split("\n", 1)[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"sasl_password_file {path} can't be read: {error}") from None
    if not line:
        raise SettingsError(f"sasl_password_file {path}: its first line is empty")
    return line
