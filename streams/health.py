"""/metrics, /livez and /readyz on a thread of their own: a blocked loop is to be seen, not unreachable."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

BEAT_SECONDS = 0.5  # how often the loop is to beat
BLOCKED_SECONDS = 30.0  # a loop that has not beaten for so long is taken for dead
SOCKET_SECONDS = 5.0  # a client that is slower is dropped


class Health:
    """Whether the process lives and is ready, and why not. Written by the loop, read by the server."""

    def __init__(self) -> None:
        self._conditions: dict[str, str] = {"starting": "the worker is starting"}
        self._told: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._beat = time.monotonic()

    def set(self, condition: str, ok: bool, why: str = "") -> None:
        """Note that a condition holds, or why it does not."""
        with self._lock:
            if ok:
                self._conditions.pop(condition, None)
            else:
                self._conditions[condition] = why

    def tell(self, name: str, **values: Any) -> None:
        """Note what /readyz also tells of a thing; None takes a value back, the others stay."""
        with self._lock:
            known = {**self._told.get(name, {}), **values}
            self._told[name] = {key: value for key, value in known.items() if value is not None}

    def beat(self) -> None:
        """Tell that the event loop turns."""
        self._beat = time.monotonic()

    @property
    def unmet(self) -> dict[str, str]:
        """Give the conditions that do not hold, and why."""
        with self._lock:
            return dict(self._conditions)

    @property
    def told(self) -> dict[str, dict[str, Any]]:
        """Give what was told, by the thing's name."""
        with self._lock:
            return dict(self._told)

    @property
    def ready(self) -> bool:
        """Tell whether the loop turns and every condition holds."""
        return not self.unmet and self.silence < BLOCKED_SECONDS

    @property
    def lag(self) -> float:
        """Seconds by which the event loop is behind its heartbeat."""
        return max(0.0, self.silence - BEAT_SECONDS)

    @property
    def silence(self) -> float:
        """Seconds since the event loop last turned."""
        return time.monotonic() - self._beat


class HealthServer:
    """Serves an address until closed; port 0 takes a free one, which `port` then tells.

    Raises:
        OSError: the address is taken.
    """

    def __init__(self, host: str, port: int, registry: CollectorRegistry, health: Health) -> None:
        self._server = ThreadingHTTPServer((host, port), _handler(registry, health))
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)
        self._thread.start()

    def __enter__(self) -> "HealthServer":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(registry: CollectorRegistry, health: Health) -> type[BaseHTTPRequestHandler]:
    def metrics(accept: str) -> tuple[int, str, bytes]:
        encode, kind = choose_encoder(accept)
        return 200, kind, bytes(encode(registry))

    def livez(_: str) -> tuple[int, str, bytes]:
        silence = health.silence
        alive = silence < BLOCKED_SECONDS
        return _json(200 if alive else 503, {"alive": alive, "loop_silent_seconds": round(silence, 3)})

    def readyz(_: str) -> tuple[int, str, bytes]:
        ready = health.ready
        return _json(200 if ready else 503, {"ready": ready, "unmet": health.unmet, **health.told})

    pages = {"/metrics": metrics, "/livez": livez, "/readyz": readyz}

    class Handler(BaseHTTPRequestHandler):
        timeout = SOCKET_SECONDS

        def do_GET(self) -> None:
            page = pages.get(self.path.split("?")[0])
            if page is None:
                status, kind, body = _json(404, {"error": "no such page", "pages": sorted(pages)})
            else:
                status, kind, body = page(self.headers.get("Accept", ""))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Probes come every few seconds; they are not worth a line."""

    return Handler


def _json(status: int, value: dict[str, Any]) -> tuple[int, str, bytes]:
    return status, "application/json", json.dumps(value).encode()
