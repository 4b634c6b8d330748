"""Keeps a worker's rules as they are where they come from: a set that can be used comes into force whole."""

import time

from msgspec import structs

from streams.engine import EngineSpec
from streams.observe import Observer
from streams.pool import Pool, PoolError
from streams.rulesource import Refused, Rules, Source


async def first_rules(source: Source, observer: Observer) -> Rules:
    """Wait, not ready, until there are rules that can be used."""
    observer.health.set("rules", False, "the rules are being read")
    while isinstance(found := await source.changed(), Refused):
        observer.rules_refused(str(found))
        observer.health.set("rules", False, str(found))
    observer.health.set("rules", True)
    return found


async def keep_rules(source: Source, pool: Pool, spec: EngineSpec, rules: Rules, observer: Observer) -> None:
    """Put each new set in force between two batches; where one can't be, the one before stays. Never returns."""
    while True:
        found = await source.changed()
        if isinstance(found, Refused):
            observer.rules_refused(str(found))
        elif found.revision == rules.revision:
            observer.rules_unchanged()
        else:
            began = time.monotonic()
            try:
                await pool.replace(structs.replace(spec, rules=found.packed))
            except PoolError as error:
                observer.rules_refused(str(error), result="failed")
                await source.again()
                continue
            rules = found
            observer.rules_in_force(rules, time.monotonic() - began)
