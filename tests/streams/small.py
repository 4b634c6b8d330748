"""An engine for pool tests: nothing to load, and articles that do to their child what their bytes say."""

import os
import signal
import time
from pathlib import Path

from processors.analyse import Engine
from processors.models import Article, Entities, Match, Origin, Record
from processors.rulerecords import from_records, pack, to_records, unpack
from processors.rules import RuleSet, compile_pack
from streams.engine import EngineSpec

MIB = 1024 * 1024
REFUSING = "TEST_REFUSING"  # in the environment, the severity of rules that no child can load

PACK = """\
rules:
  - id: test/build-up
    title: Build-up
    severity: high
    description: Forces gather.
    families: [TEST]
    query: '"troop build-up"'
    examples:
      fires: ["A troop buildup was seen."]
      silent: ["A quiet day."]
"""


class Obedient:
    """Rules that do what a title says before they match."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self.revision = rules.revision

    def match(self, article: Article, entities: Entities | None = None) -> list[Match]:
        """Match, or die, or fill the memory, or hang; `once PATH` does so the first time only.

        `Wait once PATH` waits until the path is there.
        """
        told, _, path = article.title.partition(" once ")
        while told == "Wait" and not Path(path).exists():
            time.sleep(0.01)
        if path:
            if Path(path).exists():
                return self._rules.match(article, entities)
            Path(path).touch()
        if told == "Die":
            os.kill(os.getpid(), signal.SIGKILL)
        held = []
        while told == "Fill":
            held.append(bytearray(16 * MIB))
        while told == "Hang":
            time.monotonic()
        return self._rules.match(article, entities)


def rules(severity: str = "high") -> RuleSet:
    """Give one rule; another severity makes another revision of it."""
    compiled = compile_pack({"test.yaml": PACK.replace("high", severity)})
    assert isinstance(compiled, RuleSet), compiled
    return compiled


def build(spec: EngineSpec) -> Engine:
    """Give the engine of a child."""
    held = from_records(unpack(spec.rules))
    assert isinstance(held, RuleSet), held
    if held.rules[0].severity == os.environ.get(REFUSING):
        raise LookupError("no child is to have these rules")
    return Engine(rules=Obedient(held), readers={}, entity_mode="off", max_bytes=spec.max_bytes)  # type: ignore[arg-type]


def refuse(spec: EngineSpec) -> Engine:
    """Fail to give an engine, as where a model is missing."""
    raise LookupError("the model of this test is not installed")


def spec(factory: str = "tests.streams.small:build", *, severity: str = "high") -> EngineSpec:
    """Give the spec of a child with that engine."""
    return EngineSpec(
        rules=pack(to_records(rules(severity))),
        models=(),
        entity_mode="off",
        max_bytes=MIB,
        shards=4,
        memory_bytes=300 * MIB,
        factory=factory,
    )


def record(offset: int, title: str = "A day", text: str = "A troop build-up was seen.") -> Record:
    """Give a record of `articles` with that title."""
    value = b'{"id": "%d", "title": "%s", "text": "%s"}' % (offset, title.encode(), text.encode())
    return Record(
        topic="articles",
        partition=0,
        offset=offset,
        timestamp_ms=1_770_000_000_000,
        value=value,
        origin=Origin(partition=0, offset=offset, ingested_ms=1_770_000_000_000),
    )
