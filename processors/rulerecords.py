"""A rule set as records of a compacted topic, and back: all of what was published, or nothing of it."""

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from processors import codec
from processors.entities.places import UNCHARTED, Places
from processors.models import Rejected, Value
from processors.pack import Concept, Problem, Rule
from processors.rulefile import MOST_PROBLEMS, RULE_ID
from processors.rules import RuleSet, build

FORMAT = 1  # another one means that older builds would read the rules wrongly
MANIFEST = "manifest"
RULE, CONCEPT = "rule/", "concept/"
KINDS: tuple[tuple[str, type[Rule | Concept]], ...] = ((RULE, Rule), (CONCEPT, Concept))
MOST_RECORDS = 200_000
MOST_BYTES = 256 * 1024 * 1024  # of all keys and values

Records = Mapping[str, bytes]


class Manifest(Value, frozen=True, kw_only=True):
    """What a whole set is: how many records, and the hash of their keys and values. Written last."""

    format: int = FORMAT
    records: int
    hash: str
    revision: str  # of the rule set


def to_records(rules: RuleSet) -> dict[str, bytes]:
    """Give the records of a rule set by their keys, the manifest last."""
    values: tuple[Rule | Concept, ...] = (*rules.concepts, *rules.rules)
    records = {key_of(value): codec.encode(value) for value in values}
    manifest = Manifest(records=len(records), hash=hash_of(records), revision=rules.revision)
    return {**records, MANIFEST: codec.encode(manifest)}


def from_records(records: Records, places: Places = UNCHARTED) -> RuleSet | list[Problem]:
    """Give the rule set that records hold, or all that is wrong with them.

    `records` has the newest value of each key, without what was deleted; `places` says what lies where.
    """
    manifest = manifest_of(records)
    if isinstance(manifest, Problem):
        return [manifest]
    if problem := _not_whole(records, manifest):
        return [problem]
    values = [_value(key, value) for key, value in _without_manifest(records)]
    problems = [each for each in values if isinstance(each, Problem)]
    if problems:
        return problems[:MOST_PROBLEMS]
    return build(
        [value for value in values if isinstance(value, Rule)],
        [value for value in values if isinstance(value, Concept)],
        places,
    )


def key_of(value: Rule | Concept) -> str:
    """Give the key of a rule or concept."""
    return RULE + value.id if isinstance(value, Rule) else CONCEPT + value.name


def manifest_of(records: Records) -> Manifest | Problem:
    """Give the manifest of records, or what is wrong with it."""
    if MANIFEST not in records:
        what = "the manifest is missing" if records else "no rules are published"
        return _problem(MANIFEST, what, "publish the rules: wirewatch rules publish DIR")
    manifest = codec.decode_as(records[MANIFEST], Manifest)
    if isinstance(manifest, Rejected):
        return _problem(MANIFEST, manifest.detail, "publish the rules again")
    if manifest.format != FORMAT:
        return _problem(
            MANIFEST,
            f"the rules have format {manifest.format}, this build reads {FORMAT}",
            "run the build that published them, or publish them with this one",
        )
    return manifest


def hash_of(records: Records) -> str:
    """Give the hash of the keys and values of all records but the manifest, whatever their order."""
    digest = hashlib.blake2b(digest_size=16)
    for key, value in sorted(_without_manifest(records)):
        for part in (key.encode(), value):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def too_many(count: int, size: int) -> Problem | None:
    """Give what is wrong with so many records of so many bytes, None where they may be."""
    if count > MOST_RECORDS:
        return _problem(MANIFEST, f"{count:,} rules, at most {MOST_RECORDS:,}", "publish fewer")
    if size > MOST_BYTES:
        return _problem(MANIFEST, f"the rules have {size:,} bytes, at most {MOST_BYTES:,}", "publish fewer")
    return None


def size_of(records: Records) -> int:
    """Give the bytes of all keys and values."""
    return sum(len(key) + len(value) for key, value in records.items())


def pack(records: Records) -> bytes:
    """Give records as one piece of bytes, to travel between processes."""
    return msgspec.msgpack.encode(records)


def unpack(packed: bytes) -> dict[str, bytes]:
    """Give the records that were packed."""
    return msgspec.msgpack.decode(packed, type=dict[str, bytes])


def _not_whole(records: Records, manifest: Manifest) -> Problem | None:
    if problem := too_many(len(records) - 1, size_of(records)):
        return problem
    again = "a publish is under way, was cut off, or met another: publish again"
    if len(records) - 1 != manifest.records:
        return _problem(
            MANIFEST, f"{len(records) - 1:,} records are there, {manifest.records:,} were published", again
        )
    if hash_of(records) != manifest.hash:
        return _problem(MANIFEST, "the records are not those that were published", again)
    return None


def _without_manifest(records: Records) -> Iterable[tuple[str, bytes]]:
    return ((key, value) for key, value in records.items() if key != MANIFEST)


def _value(key: str, value: bytes) -> Rule | Concept | Problem:
    kind: type[Rule | Concept] | None = next((kind for start, kind in KINDS if key.startswith(start)), None)
    if kind is None:
        return _problem(key, "this build knows no such record", "run the build that published it")
    again = "publish the rules again: wirewatch rules publish DIR"
    found = codec.decode_as(value, kind)
    if isinstance(found, Rejected):
        return _problem(key, f"not a {kind.__name__.lower()}: {found.detail}", again)
    if key != key_of(found) or (isinstance(found, Rule) and not RULE_ID.fullmatch(found.id)):
        return _problem(key, f"it holds {key_of(found)[:120]!r}", again)
    return found


def _problem(key: str, what: str, remedy: str) -> Problem:
    where = "topic rules" if key == MANIFEST else f"topic rules, {key[:200]}"
    return Problem(file=where, line=1, column=1, what=what, remedy=remedy)
