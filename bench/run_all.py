"""Runs every bench and writes bench/RESULTS.md and bench/results.json, with date and machine.

`python -m bench.run_all [NAME…]` runs those named, keeping the last results of the others.
"""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# Name, module, and what the figure is for.
BENCHES = (
    ("pipeline_vs_bare_spacy", "bench.pipeline", "ratio at least 0.85, the goal is 0.95"),
    ("matching_vs_bare_aiokafka", "bench.matching", "ratio at least 0.5, the goal is 0.8"),
    ("latency", "bench.latency", "p99 at most 3 s with entities, 0.25 s with rules only"),
    ("reload", "bench.reload", "p99 with changes at most twice that without"),
    ("memory", "bench.memory", "growth at most 0.05"),
    ("entities", "bench.entities", "F1 against the bare model, and what ours costs beside it"),
    ("backtest", "bench.backtest", "at least 0.8 of bare matching in as many processes"),
    ("monitor", "bench.monitor", "at 100,000 queries 5 times Lucene Monitor's rate, 3 times with tolerance"),
    ("stories", "bench.stories", "pair F1 of copies and B-cubed precision of reports at least 0.95"),
    ("signal", "bench.signal", "precision and recall of the rule packs on labelled news"),
)


def machine() -> str:
    """Name the machine: processor, cores, memory, system, Python."""
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {system}"


def run(module: str) -> tuple[str, dict[str, Any]]:
    """Run a bench; give its table and its result. Raises where it fails."""
    done = subprocess.run([sys.executable, "-m", module], stdout=subprocess.PIPE, text=True, check=True)
    *table, last = done.stdout.strip().splitlines()
    result: dict[str, Any] = json.loads(last)
    return "\n".join(table), result


def main() -> None:
    """Run the benches and write the results."""
    stored = HERE / "results.json"
    results: dict[str, Any] = json.loads(stored.read_text()) if stored.is_file() else {}
    for name, module, goal in BENCHES:
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        print(f"{name}: running", flush=True)
        table, result = run(module)
        print(table, flush=True)
        results[name] = {
            "date": datetime.now(UTC).strftime("%Y-%m-%d"),
            "machine": machine(),
            "command": f"python -m {module}",
            "goal": goal,
            "table": table,
            "result": result,
        }
        stored.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
        (HERE / "RESULTS.md").write_text(page(results))


def page(results: dict[str, Any]) -> str:
    """Give the results as a page."""
    parts = [
        "# Results\n",
        "Written by `make bench`. Timings of shared machines are noisy: ratios are of two things measured side by",
        "side in one run, and are what counts.\n",
    ]
    for name, _, _ in BENCHES:
        if name in results:
            one = results[name]
            parts += [
                f"## {name}\n",
                f"{one['date']}, {one['machine']}; `{one['command']}`; {one['goal']}.\n",
                f"```\n{one['table']}\n```\n",
            ]
    return "\n".join(parts)


if __name__ == "__main__":
    main()
