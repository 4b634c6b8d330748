"""Brings Prometheus and promtool for the tests: Debian's package, unpacked into the cache folder.

Run by `make test`. Unpacked and not installed: no service starts, and no root is needed where apt knows its
packages. Where both programs are on the path already, there is nothing to do. Standard library only.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.fetch_kafka import cache

PROGRAMS = ("prometheus", "promtool")
HOW = "install Prometheus with promtool (Debian: apt-get install prometheus), or run `make test` on Debian"


def programs() -> Path:
    """Give the folder where the programs are, or would be."""
    return cache() / "prometheus" / "usr" / "bin"


def missing() -> str | None:
    """Say what is missing and how to mend it, None where both programs are there."""
    absent = [name for name in PROGRAMS if shutil.which(name) is None and not (programs() / name).exists()]
    return f"{' and '.join(absent)} not found; {HOW}" if absent else None


def fetch() -> str:
    """Bring the programs and say what was done, or why not: their lane says so again when it can't run."""
    if missing() is None:
        return "Prometheus and promtool are there already"
    if shutil.which("apt-get") is None:
        return f"Prometheus can't be fetched: there is no apt-get; {HOW}"
    target = cache() / "prometheus"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as work:
        steps = [["apt-get", "download", "-q", "prometheus"]]
        if os.geteuid() == 0:
            # As root, apt fetches as a user of its own, who can't write here.
            steps = [["apt-get", "update", "-q"], ["apt-get", "-o", "APT::Sandbox::User=root", *steps[0][1:]]]
        for step in steps:
            done = _run(step, work)
            if done.returncode != 0:
                return f"Prometheus can't be fetched: {' '.join(step)} said {done.stdout[-800:]}; {HOW}"
        (package,) = Path(work).glob("prometheus_*.deb")
        tree = Path(work) / "tree"
        done = _run(["dpkg-deb", "--extract", str(package), str(tree)], work)
        if done.returncode != 0:
            return f"Prometheus can't be unpacked: {done.stdout[-800:]}; {HOW}"
        if target.exists():  # broken: the programs were not found above
            shutil.rmtree(target)
        tree.rename(target)
    return f"Prometheus and promtool: unpacked in {target}"


def _run(command: list[str], folder: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    sys.stdout.write(fetch() + "\n")
