"""Inflections of a word are one, and words that only share a root are not."""

import pytest

from processors.query.inflection import inflection_stem


@pytest.mark.parametrize(
    "forms",
    [
        "troop troops",
        "mass masses massed massing",
        "mobilise mobilised mobilising mobilises mobilize mobilized",
        "deploy deploys deployed deploying",
        "plan plans planned planning",
        "plane planes",
        "base bases based basing",
        "army armies",
        "force forces forced",
        "patrol patrols patrolled patrolling",
        "stage staged staging stages",
        "move moves moved moving",
        "withdraw withdraws withdrawing",
        "die dies died dying",
        "organisation organizations",
        "need needs needed",
        "tie ties tied",
        "réserviste réservistes",
        "agree agreed agreeing",
        "missile missiles",
        "boycott boycotts boycotted boycotting",
        "staff staffs staffed staffing",
        "add adds added adding",
    ],
)
def test_inflections_share_a_stem(forms: str) -> None:
    assert len({inflection_stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    "words",
    [
        "troop trooper",
        "general generally generation",
        "organ organisation",
        "mobile mobilise mobilisation",
        "intern international",
        "univers university",
        "plan plane",
        "deploy deployment",
        "move movement",
        "us use",
        "news new",
        "build built",
        "this thi",
        "border board",
        "milit military militia militant",
    ],
)
def test_words_of_one_root_stay_apart(words: str) -> None:
    parts = words.split()
    assert len({inflection_stem(word) for word in parts}) == len(parts)
