"""Runs a real Apache Kafka for the tests: one JVM, on this machine alone, killed and restarted at will."""

import base64
import contextlib
import random
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Self

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from msgspec import Struct

from streams.embedded import tied
from tests.kafka.certificates import Authority
from tools.fetch_kafka import jars

MIB = 1024 * 1024
LARGEST = 64 * MIB
START_SECONDS = 90.0
STOP_SECONDS = 20.0

COMMON = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "message.max.bytes": str(LARGEST),
    "replica.fetch.max.bytes": str(LARGEST),
    "socket.request.max.bytes": str(LARGEST + 32 * MIB),
    # Tests wait for conditions, not for timeouts meant for data centres.
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "controlled.shutdown.enable": "false",
    # How long a broker that was killed is remembered, and kept from registering again.
    "broker.session.timeout.ms": "1000",
    "broker.heartbeat.interval.ms": "200",
    "log.cleaner.dedupe.buffer.size": str(4 * MIB),
}
JAVA_OPTIONS = [
    "-Xms128m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
]


class KafkaDidNotStart(RuntimeError):
    """The test broker could not be formatted or did not answer; the message ends with its log."""


class Security(Struct, frozen=True, kw_only=True):
    """What TLS and SASL listeners need: who signed the certificate, and user name to password."""

    authority: Authority
    users: Mapping[str, str]


class KafkaBroker:
    """A broker on a folder of its own; addresses are the same after each restart.

    `bootstrap` is plain (127.0.0.1). With `security` there are also `ssl` and `sasl_ssl` (SCRAM-SHA-512), both
    on localhost, for which alone the certificate holds. `properties` go over the ones set here.
    """

    def __init__(
        self,
        folder: Path,
        *,
        security: Security | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.log = folder / "broker.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._users = dict(security.users) if security else {}
        plain, controller, ssl, sasl = _free_ports(4)
        self.bootstrap = f"127.0.0.1:{plain}"
        self.ssl = f"localhost:{ssl}"
        self.sasl_ssl = f"localhost:{sasl}"
        listeners = {"PLAINTEXT": self.bootstrap}
        if security:
            listeners |= {"SSL": self.ssl, "SASL_SSL": self.sasl_ssl}
        self._properties = {
            **COMMON,
            **_addresses(listeners, f"127.0.0.1:{controller}"),
            **(_secured(security, folder) if security else {}),
            "log.dirs": str(folder / "data"),
            **(properties or {}),
        }

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id; only while it runs."""
        if self._process is None:
            raise RuntimeError("the broker does not run")
        return self._process.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, the first time on a fresh folder, then on the same data; return once it answers.

        Raises:
            KafkaDidNotStart: it ended or did not answer within START_SECONDS.
        """
        if self.running:
            return
        config = self._written()
        with self.log.open("ab") as log:
            if not (self.folder / "data" / "meta.properties").exists():
                self._format(config, log)
            self._process = subprocess.Popen(
                tied(_java("kafka.Kafka", str(config))),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End it as an operator would (SIGTERM), by force after STOP_SECONDS."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start it on the same data and addresses."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self._signal(signal.SIGCONT)

    def said(self, size: int = 4_000) -> str:
        """Give the last `size` bytes of its log."""
        text = self.log.read_bytes() if self.log.exists() else b""
        return text[-size:].decode("utf-8", "replace")

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _written(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "server.properties"
        config.write_text("".join(f"{key}={value}\n" for key, value in self._properties.items()), "utf-8")
        return config

    def _format(self, config: Path, log: IO[bytes]) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        # A leading dash would be read as an option.
        command = ["format", "--config", str(config), "--cluster-id", "w" + cluster[1:]]
        for name, secret in self._users.items():
            command += ["--add-scram", f"SCRAM-SHA-512=[name={name},password={secret}]"]
        done = subprocess.run(
            _java("kafka.tools.StorageTool", *command),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode != 0:
            raise KafkaDidNotStart(f"formatting {self.folder} failed:\n{self.said()}")

    def _wait(self) -> None:
        limit = time.monotonic() + START_SECONDS
        while not answers(self.bootstrap):
            if not self.running:
                raise KafkaDidNotStart(f"the broker ended:\n{self.said()}")
            if time.monotonic() > limit:
                raise KafkaDidNotStart(
                    f"no answer from {self.bootstrap} in {START_SECONDS} s:\n{self.said()}"
                )
            time.sleep(0.1)


def answers(bootstrap: str) -> bool:
    """Say whether a broker tells its topics at this address."""
    host, port = bootstrap.split(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
        with contextlib.closing(
            KafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5_000)
        ) as admin:
            return bool(admin.describe_cluster()["brokers"])
    except (OSError, KafkaError):
        return False


def _java(*arguments: str) -> list[str]:
    java = shutil.which("java")
    if java is None:
        raise KafkaDidNotStart("there is no java on the path; install Java 17")
    return [java, *JAVA_OPTIONS, "-cp", f"{jars()}/*", *arguments]


def _addresses(listeners: Mapping[str, str], controller: str) -> dict[str, str]:
    named = [f"{name}://{address}" for name, address in listeners.items()]
    return {
        "listeners": ",".join([*named, f"CONTROLLER://{controller}"]),
        "advertised.listeners": ",".join(named),
        "controller.quorum.voters": f"1@{controller}",
    }


def _secured(security: Security, folder: Path) -> dict[str, str]:
    certificate, key = security.authority.issue("localhost", hosts=("localhost",))
    folder.mkdir(parents=True, exist_ok=True)
    chain = folder / "server.pem"
    chain.write_bytes(key.read_bytes() + certificate.read_bytes())
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(chain),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(security.authority.ca),
        # A client that shows a certificate has it checked; one that shows none is let in.
        "ssl.client.auth": "requested",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
    }


def _free_ports(count: int) -> list[int]:
    # Below the range that outgoing connections draw from: a client that keeps calling a broker that is down
    # can otherwise be given the broker's own port, and connects to itself.
    ports: list[int] = []
    with contextlib.ExitStack() as held:
        while len(ports) < count:
            probe = held.enter_context(socket.socket())
            port = random.randint(15_000, 31_000)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                ports.append(port)
    return ports
