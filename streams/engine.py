"""What a pool child is built from: values, so that every child of a worker holds the same snapshot."""

from msgspec import Struct

from processors.analyse import Engine, EntityMode
from processors.entities.places import UNCHARTED, Places
from processors.rulerecords import from_records, unpack
from streams.rulefiles import RuleError, places_for
from streams.settings import Settings

BUILD = "streams.engine:build"


class EngineSpec(Struct, frozen=True, kw_only=True):
    """All a child needs to build its engine."""

    rules: bytes  # packed records: a parent that compiled them would keep its event loop waiting
    places: Places = UNCHARTED  # where the rules ask for places
    models: tuple[str, ...]
    entity_mode: EntityMode
    max_bytes: int
    shards: int
    memory_bytes: int
    # "module:function" that gives the engine; another one is how a test makes an article deadly.
    factory: str = BUILD


def spec_of(settings: Settings, *, rules: bytes | None = None, factory: str = BUILD) -> EngineSpec:
    """Give the spec that the settings ask for, with the rules (packed records) given or as they are now.

    Raises:
        RuleError: the rules can't be read or do not compile.
    """
    from streams import rulesource  # noqa: PLC0415 - a child has no use for Kafka's clients

    packed = rules if rules is not None else rulesource.load(settings).packed
    return EngineSpec(
        rules=packed,
        places=places_for(packed, settings.models),
        models=settings.models,
        entity_mode=settings.entities,
        max_bytes=settings.article_max_bytes,
        shards=settings.shards,
        memory_bytes=settings.child_memory_bytes,
        factory=factory,
    )


def build(spec: EngineSpec) -> Engine:
    """Load the models and give the engine the product runs.

    Raises:
        ModelError: a model is missing or can't name entities.
        RuleError: the rules do not compile.
    """
    from streams import readers  # noqa: PLC0415 - importing spaCy takes a second; entities may be off

    rules = from_records(unpack(spec.rules), spec.places)
    if isinstance(rules, list):
        raise RuleError(rules)
    return Engine(
        rules=rules,
        readers=readers.load(spec.models) if spec.entity_mode != "off" else {},
        entity_mode=spec.entity_mode,
        max_bytes=spec.max_bytes,
    )
