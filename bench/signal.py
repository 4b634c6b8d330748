"""How good the rule packs are on labelled news: precision, recall and F1 with intervals, by file and family.

`python -m bench.signal [--rules DIR]`. Sentences of a stratum count for as many as they stand for.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from msgspec import to_builtins
from rich.console import Console

from bench import kit
from processors.evaluation import Score
from streams import evaluate, rulefiles
from streams.settings import load

# What each sample is about, and how many sentences each of its strata stands for.
SAMPLES: dict[str, dict[str, Any]] = {
    "posture_dev.jsonl": {"family": "MILITARY_POSTURE", "stands_for": {"A": 533, "B": 8_044, "C": 104_873}},
    "protest_dev.jsonl": {"family": "PROTEST", "stands_for": {"A": 3_747, "C": 109_703}},
    "sanction_dev.jsonl": {"family": "SANCTION", "stands_for": {"A": 2_079, "C": 111_371}},
}
PASSAGES = "events_dev.jsonl"  # coded by experts; most families for recall only


def row(file: str, family: str, score: Score) -> dict[str, object]:
    """Give a row of the table."""
    return {
        "file": file,
        "family": family,
        "tp": score.tp,
        "fp": score.fp,
        "misses": score.fn,
        "precision": evaluate.precision(score),
        "recall": evaluate.shown(score.recall, score.recall_interval),
        "F1": evaluate.shown(score.f1),
    }


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rules", type=Path)
    arguments = parser.parse_args()
    rules = rulefiles.load(arguments.rules).rules
    held = {family for rule in rules for family in rule.families}
    # A sample whose family no rule is for says nothing.
    samples = {name: told for name, told in SAMPLES.items() if told["family"] in held}
    files = [kit.DATA / name for name in [*samples, PASSAGES]]
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder, "weights.json")
        weights.write_text(json.dumps(samples))
        found = evaluate.run(
            load({"rules_dir": arguments.rules}, environ={}).settings,
            files,
            weights=weights,
            notes=Console(stderr=True),
        )
    kit.report(
        f"signal: {found.items} labelled texts, {len(rules)} rules; weighted, with 95 % intervals; * of the texts "
        "alone on which a firing could count as wrong",
        [
            row(file, family, score)
            for file, families in found.files.items()
            for family, score in families.items()
        ],
        {"bench": "signal", "items": found.items, "files": to_builtins(found.files)},
    )


if __name__ == "__main__":
    main()
