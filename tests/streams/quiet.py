"""An outbox's listener that remembers what it is told."""

from processors.models import Record


class Quiet:
    """Keeps what the outbox tells."""

    def __init__(self) -> None:
        self.written: dict[str, int] = {}
        self.failures: list[str] = []
        self.letters: list[tuple[str, str]] = []
        self.stalled = False

    def produced(self, topic: str, count: int) -> None:
        """So many messages of a topic are acknowledged."""
        self.written[topic] = self.written.get(topic, 0) + count

    def failed(self, error: str) -> None:
        """A write failed and will be tried again."""
        self.failures.append(error)

    def dead(self, record: Record, stage: str, reason: str) -> None:
        """A record became a dead letter."""
        self.letters.append((stage, reason))

    def reachable(self, stage: str, ok: bool, why: str) -> None:
        """Outputs can or can't be written."""
        self.stalled = not ok
