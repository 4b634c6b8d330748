"""As many cases as asked for in which the product and a naive reader of queries must agree: `make fuzz-query`."""

import argparse
import sys
import warnings
from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisWarning

from tests.processors.query.test_agreement import Example, compare, examples

BATCH = 100  # examples: enough to vary what was drawn, few enough to be forgotten
MOST_DIFFERENCES = 5


def batch(name: str) -> tuple[Counter[str], str]:
    """Compare one batch, drawn by its name; give the counts, and of the first difference the minimal case."""
    counts: Counter[str] = Counter()

    @seed(name)
    @settings(
        max_examples=BATCH,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(examples)
    def agree(example: Example) -> None:
        compare(example, counts)

    try:
        agree()
    except Exception as error:
        return Counter(), f"{type(error).__name__}: {error}"
    return counts, ""


def main() -> int:
    """Look at the cases; 1 where any differ."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=1_000_000)
    asked.add_argument("--seed", type=int, default=1)
    arguments = asked.parse_args()
    warnings.simplefilter("ignore", HypothesisWarning)
    counts: Counter[str] = Counter()
    differences: list[str] = []
    number = 0
    while counts["cases"] < arguments.cases and len(differences) < MOST_DIFFERENCES:
        found, difference = batch(f"{arguments.seed}/{number}")
        counts += found
        differences += [difference] if difference else []
        number += 1
        if sys.stderr.isatty() or number % 10 == 0:
            print(f"{counts['cases']:,} cases, {len(differences)} differences", file=sys.stderr)
    print(
        f"seed {arguments.seed}: {counts['cases']:,} cases, of which {counts['True']:,} held, "
        f"{counts['False']:,} did not and {counts['None']:,} can't be known; {len(differences)} differences"
    )
    print(*differences, sep="\n\n")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
