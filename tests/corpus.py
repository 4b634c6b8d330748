"""Articles made to order for tests: many, different, some matching, some updates, some broken."""

import json
import random
from collections.abc import Iterator

PLACES = ["Ardenia", "Port Lumen", "the Kessel strait", "Norvik", "the eastern border", "Geneva", "Brussels"]
PEOPLE = ["Mara Lindqvist", "Oren Halloway", "Ines Carvalho", "Tomas Berglund", "General Pavel Duric"]
QUIET = [
    "{person} opened the annual book fair in {place} on {day}.",
    "Shares in {place} closed slightly higher, led by shipping companies.",
    "The museum of {place} will lend forty paintings to a gallery abroad.",
    "{person} said the budget would be presented to parliament on {day}.",
    "Rain is expected in {place} for the rest of the week.",
    "The striker, on loan since {day}, scored twice in the second half.",
    "Engineers in {place} repaired the bridge two weeks ahead of schedule.",
]
LOUD = [
    "Satellite pictures show a troop build-up near {place}, {person} said.",
    "Officials accuse their neighbour of massing troops close to {place}.",
    "{person} warned that the troop build-up around {place} had not stopped.",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
DOMAINS = ["courier.example", "agency.example", "tribune.example", "herald.example"]
BROKEN = [
    b'{"id": "cut',
    b"\xff\xfe\x00 not text",
    b"[1, 2, 3]",
    b'{"title": "no id", "text": "at all"}',
    b"",
]


def articles(count: int, *, seed: int, loud: float = 0.08, broken: float = 0.01) -> Iterator[bytes]:
    """Give `count` values for `articles`; about `loud` of them match, `broken` can't be read.

    One in twenty is an update of an earlier one.
    """
    chance = random.Random(seed)
    ids: list[tuple[str, str]] = []
    for number in range(count):
        if chance.random() < broken:
            yield chance.choice(BROKEN)
            continue
        update = bool(ids) and chance.random() < 0.05
        domain, article_id = chance.choice(ids) if update else (chance.choice(DOMAINS), f"{seed}-{number}")
        ids.append((domain, article_id))
        yield json.dumps(_article(chance, domain, article_id, loud=loud, update=update)).encode()


def _article(
    chance: random.Random, domain: str, article_id: str, *, loud: float, update: bool
) -> dict[str, object]:
    sentences = [chance.choice(QUIET) for _ in range(chance.randint(3, 12))]
    if chance.random() < loud:
        sentences.insert(chance.randrange(len(sentences)), chance.choice(LOUD))
    text = " ".join(
        sentence.format(person=chance.choice(PEOPLE), place=chance.choice(PLACES), day=chance.choice(DAYS))
        for sentence in sentences
    )
    return {
        "id": article_id,
        "title": text.split(".")[0],
        "text": text,
        "source": {
            "name": domain.split(".", maxsplit=1)[0].title(),
            "domain": domain,
            "country": "CH",
            "tier": 2,
        },
        "language": "en",
        "published": "2026-03-02T08:00:00Z",
        "status": chance.choice(["updated", "corrected", "retracted"]) if update else "new",
    }
