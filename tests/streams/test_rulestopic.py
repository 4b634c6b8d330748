"""Rules are published to a topic as what differs, read back whole, and seen to change; on either broker."""

import asyncio

import msgspec
import psutil
import pytest

from processors.query.parse import parse
from processors.rulerecords import MANIFEST, from_records, to_records
from processors.rules import RuleSet, compile_pack
from streams import rulestopic, topics
from streams.embedded import EmbeddedBroker
from streams.rulefiles import RuleError
from streams.rulesource import Refused, Rules, Source, load, load_apart
from streams.rulestopic import Watched, publish, read, told
from streams.settings import Settings
from streams.settings import load as load_settings
from tests.kafka.broker import KafkaBroker


@pytest.fixture(
    params=[
        pytest.param("embedded", marks=pytest.mark.embedded),
        pytest.param("kafka", marks=pytest.mark.kafka),
    ]
)
def settings(request: pytest.FixtureRequest, prefix: str) -> Settings:
    """Give settings with their topics, on one broker and on the other."""
    broker: EmbeddedBroker | KafkaBroker = request.getfixturevalue(request.param)
    values = {
        "bootstrap": broker.bootstrap,
        "topic_prefix": prefix,
        "rules_from": "topic",
        "rules_check_seconds": 0.1,
    }
    made = load_settings(values, environ={}).settings
    topics.create(made)
    return made


def rules(**queries: str) -> RuleSet:
    listed = [
        f"- {{id: t/{name}, title: T, severity: low, query: {query}}}" for name, query in queries.items()
    ]
    made = compile_pack({"t.yaml": "\n".join(["rules:", *listed] if listed else ["rules: []"])})
    assert isinstance(made, RuleSet), made
    return made


def test_a_publish_writes_what_differs_and_says_so(settings: Settings) -> None:
    first = publish(settings, rules(a="troops", b="tanks"))
    assert (first.added, first.changed, first.removed) == (["t/a", "t/b"], [], [])
    second = rules(b="ships", c="planes")
    planned = publish(settings, second, dry_run=True)
    assert "t/a" in {key.removeprefix("rule/") for key in read(settings)}
    done = publish(settings, second)
    assert planned == done
    assert (done.added, done.changed, done.removed) == (["t/c"], ["t/b"], ["t/a"])
    assert list(told(done, dry_run=True)) == [
        "+ t/c",
        "~ t/b",
        "- t/a",
        f"2 rules would be published, revision {second.revision}: 1 added, 1 changed, 1 removed",
    ]
    held = from_records(read(settings))
    assert isinstance(held, RuleSet)
    assert (held.rules, held.revision) == (second.rules, second.revision)


def test_publishing_the_same_again_writes_nothing(settings: Settings) -> None:
    publish(settings, rules(a="troops"))
    with Watched(settings) as topic:
        before = topic.look()
        written: list[int] = []
        publish(settings, rules(a="troops"), done=written.append)
        assert (topic.look(), written) == (before, [])
        publish(settings, rules())
        assert topic.look() != before
    assert list(read(settings)) == [MANIFEST]


def test_a_publish_mends_one_that_was_cut_off(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(settings, rules(a="troops"))
    with monkeypatch.context() as cut:
        cut.setattr(rulestopic, "_write", _cut_off(rulestopic._write))
        with pytest.raises(KeyboardInterrupt):
            publish(settings, rules(a="tanks", b="ships"))
    with pytest.raises(RuleError, match="2 records are there, 1 were published"):
        load(settings)
    publish(settings, rules(a="tanks", b="ships"))
    assert load(settings).count == 2


def _cut_off(write: object) -> object:
    def first_only(settings: Settings, records: list[tuple[str, bytes | None]], done: object) -> None:
        write(settings, records, done)  # type: ignore[operator]
        raise KeyboardInterrupt

    return first_only


def test_two_publishes_at_once_are_noticed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    write = rulestopic._write

    def other_comes_between(*arguments: object) -> None:
        monkeypatch.setattr(rulestopic, "_write", write)
        publish(settings, rules(other="ships"))
        write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(rulestopic, "_write", other_comes_between)
    with pytest.raises(RuleError, match="another publish came between; publish again"):
        publish(settings, rules(a="troops"))
    publish(settings, rules(a="troops"))
    assert load(settings).ids == ("t/a",)


def test_a_rule_too_large_for_the_topic_is_named_and_nothing_is_written(settings: Settings) -> None:
    quiet = "".join(f"\n    - {number} {'x' * 30_000}" for number in range(40))
    made = compile_pack(
        {
            "big.yaml": "rules:\n- {id: t/a, title: T, severity: low, query: troops}\n"
            f"- id: t/big\n  title: T\n  severity: low\n  query: troops\n  examples:\n    silent:{quiet}\n"
        }
    )
    assert isinstance(made, RuleSet)
    with pytest.raises(RuleError, match=r"big\.yaml:3:\d+: rule/t/big has 1,20\d,\d+ bytes, at most"):
        publish(settings, made)
    assert read(settings) == {}


def test_without_its_topic_neither_side_makes_one(settings: Settings) -> None:
    elsewhere = settings.model_copy(update={"topic_prefix": settings.topic_prefix + "not-there."})
    with Watched(elsewhere) as topic:
        assert topic.look() is None
        with pytest.raises(RuleError, match=r"not-there\.rules.*wirewatch topics create"):
            publish(elsewhere, rules(a="troops"))
        assert topic.look() is None


async def test_a_source_tells_of_each_change_once(settings: Settings) -> None:
    source = Source(settings)
    found = await source.changed()
    assert isinstance(found, Refused)
    assert "no rules are published" in str(found)
    for made in (rules(a="troops"), rules(a="tanks", b="ships")):
        await asyncio.to_thread(publish, settings, made)
        found = await source.changed()
        assert isinstance(found, Rules), found
        assert (found.revision, found.count) == (made.revision, len(made.rules))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.0):
            await source.changed()


async def test_what_a_process_apart_loads_is_what_this_one_does(settings: Settings) -> None:
    await asyncio.to_thread(publish, settings, rules(a="troops"))
    here = await asyncio.to_thread(load, settings)
    assert await load_apart(settings) == here
    assert not any("streams.gently" in " ".join(child.cmdline()) for child in psutil.Process().children())


@pytest.mark.timeout(280)
def test_a_hundred_thousand_rules_are_published_and_read_back(settings: Settings) -> None:
    made = compile_pack({"t.yaml": "rules:\n- {id: t/a, title: T, severity: low, query: troops}\n"})
    assert isinstance(made, RuleSet)
    (one,) = made.rules
    tree = parse("troops")
    assert not isinstance(tree, list)
    many = RuleSet((msgspec.structs.replace(one, id=f"t/{number:06}"), tree) for number in range(100_000))
    published: list[int] = []
    done = publish(settings, many, done=published.append)
    assert (len(done.added), sum(published)) == (100_000, 100_001)
    assert read(settings) == to_records(many)
    fewer = RuleSet((rule, tree) for rule in many.rules[1:])
    assert publish(settings, fewer).removed == ["t/000000"]
