"""Rules' examples, read as a worker would: with the models where a rule asks for entities."""

from collections.abc import Sequence

from processors import entities
from processors.rules import Problem, RuleSet, run_examples


def run(rules: RuleSet, models: Sequence[str]) -> list[Problem]:
    """Give every example that a rule does not meet.

    Raises:
        ModelError: a model that a rule needs can't be loaded.
    """
    if not rules.matcher.asks_entities:
        return run_examples(rules)
    from streams import readers  # noqa: PLC0415 - importing spaCy takes a second

    loaded = readers.load(tuple(models))
    return run_examples(rules, lambda article: entities.recognise(loaded, [article])[0])
