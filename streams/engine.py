"""What a pool child is built from: values, so that every child of a worker holds the same snapshot."""

from msgspec import Struct

from processors.analyse import Engine, EntityMode
from processors.rules import RuleSet
from streams import rulefiles
from streams.settings import Settings

BUILD = "streams.engine:build"


class EngineSpec(Struct, frozen=True, kw_only=True):
    """All a child needs to build its engine. Rules travel compiled from text, not as files."""

    rules: RuleSet
    models: tuple[str, ...]
    entity_mode: EntityMode
    max_bytes: int
    shards: int
    memory_bytes: int
    # "module:function" that gives the engine; another one is how a test makes an article deadly.
    factory: str = BUILD


def spec_of(settings: Settings, *, factory: str = BUILD) -> EngineSpec:
    """Give the spec that the settings ask for, with the rules as they are on disk now.

    Raises:
        RuleError: the rules can't be read or do not compile.
    """
    return EngineSpec(
        rules=rulefiles.load(settings.rules_dir),
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
    """
    from streams import readers  # noqa: PLC0415 - importing spaCy takes a second; entities may be off

    return Engine(
        rules=spec.rules,
        readers=readers.load(spec.models) if spec.entity_mode != "off" else {},
        entity_mode=spec.entity_mode,
        max_bytes=spec.max_bytes,
    )
