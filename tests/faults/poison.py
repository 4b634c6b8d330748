"""Engine factories whose articles can kill, fill or hang the child that analyses them, or leave too large."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from typing import Any

from processors.analyse import Engine
from processors.models import Article, Entities, Match
from streams import engine
from streams.engine import EngineSpec


def _crash() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _fill() -> None:
    held = []
    while True:
        held.append(bytearray(16 * 1024 * 1024))


def _hang() -> None:
    while True:
        time.monotonic()


def _raise() -> None:
    raise ValueError("a fault in the code that analyses")


# Words in a title, and what an article with them does to its child.
DEEDS: Mapping[str, Callable[[], None]] = {
    "CRASHES": _crash,
    "FILLS": _fill,
    "HANGS": _hang,
    "RAISES": _raise,
}


class DeadlyRules:
    """The rules, but an article whose title says so does its deed when it is matched."""

    def __init__(self, rules: Any) -> None:
        self._rules = rules
        self.revision = rules.revision

    def match(self, article: Article, entities: Entities | None = None) -> list[Match]:
        """Match an article, or do what its title says."""
        for word, deed in DEEDS.items():
            if word in article.title:
                deed()
        found: list[Match] = self._rules.match(article, entities)
        return found


def build(spec: EngineSpec) -> Engine:
    """Give the engine of the product with deadly rules."""
    real = engine.build(spec)
    return Engine(
        rules=DeadlyRules(real.rules),  # type: ignore[arg-type]  # all that an engine asks of its rules
        readers=real.readers,
        entity_mode=real.entity_mode,
        max_bytes=real.max_bytes,
    )
