"""A fingerprint is small, says the same in every process, and lets a cut of a text be told by its sample."""

import subprocess
import sys

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from processors.fingerprints import (
    MAX_BODY,
    MAX_HEADLINE,
    MAX_LEAD,
    MAX_NAMES,
    MAX_NUMBERS,
    MAX_OPENING,
    VERSION,
    Fingerprint,
    fingerprint,
    hashes,
)
from processors.models import Entities
from tests.processors.stories_made import article, named, printed, prose


@given(st.text(max_size=3_000), st.text(max_size=200))
def test_whatever_the_text_its_fingerprint_is_bounded_and_reads_back(text: str, title: str) -> None:
    made = fingerprint(article("k", text, title=title), Entities(knowledge="off"))
    bounds = {
        "body": MAX_BODY,
        "opening": MAX_OPENING,
        "numbers": MAX_NUMBERS,
        "headline": MAX_HEADLINE,
        "lead": MAX_LEAD,
        "names": MAX_NAMES,
    }
    assert all(len(hashes(getattr(made, name))) <= bound for name, bound in bounds.items())
    assert msgspec.json.decode(msgspec.json.encode(made), type=Fingerprint) == made


def test_a_long_text_has_a_fingerprint_of_less_than_a_kibibyte() -> None:
    names = [f"organisation {number}" for number in range(100)]
    made = printed(prose(1, words=30_000, numbers=5_000), names=names, title=prose(2, words=60))
    assert len(msgspec.msgpack.encode(made)) < 1_024


def test_two_processes_give_the_same_fingerprint() -> None:
    code = (
        "import sys; from tests.processors.stories_made import printed, prose\n"
        "import msgspec\n"
        "made = printed(prose(7), names=['Norvik'], title='Away')\n"
        "sys.stdout.buffer.write(msgspec.json.encode(made))"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1] != b""


def test_case_markup_of_numbers_and_commas_make_no_difference() -> None:
    one, other = (
        printed("SOME 150,000 Troops Were Seen 12 Miles off."),
        printed("some 150000 troops were seen 12 miles off."),
    )
    assert one.numbers == other.numbers
    assert one.lead == other.lead


def test_of_a_person_the_last_name_counts_and_without_a_model_capitals_do() -> None:
    text = "On Monday the minister Lindqvist spoke, and later Lindqvist left for Port Lumen."
    unread = fingerprint(article("k", text), Entities(knowledge="unknown"))
    assert len(hashes(unread.names)) == 4  # Monday is one: it stands inside the sentence
    assert set(hashes(printed("", names=["lindqvist"]).names)) < set(hashes(unread.names))
    assert printed("", names=["Norvik"]).names == fingerprint(article("k", ""), named("NORVIK")).names


def test_a_time_in_the_future_is_no_time() -> None:
    early = article("k", "text")
    assert fingerprint(early, Entities(knowledge="off")).published == 1_772_438_400
    late = msgspec.structs.replace(early, published_quality="future")
    assert fingerprint(late, Entities(knowledge="off")).published is None


def test_a_language_written_without_spaces_is_sampled_character_by_character() -> None:
    made = printed("国防部长周一表示，军队已经在边境集结，人数超过八千人。" * 2, language="zh")
    assert made.words > 40
    assert len(hashes(made.body)) > 20


def test_the_fingerprint_of_a_version_never_changes() -> None:
    """State holds fingerprints: where this fails, raise VERSION and say what becomes of the old ones."""
    made = printed(
        "Ardenia accused Norvik on Monday of massing 8,000 troops.",
        names=["Norvik"],
        title="Troops at the strait",
    )
    assert VERSION == 1
    assert {name: getattr(made, name).hex() for name in ("body", "numbers", "headline", "names")} == {
        "body": "045154b3e29f25dac4b3d3d653b8747f6d027d7c",
        "numbers": "9dec2fc9",
        "headline": "4c53adfa0834525b",
        "names": "de3b4b67",
    }
