"""Makes .venv as the lock says and puts the project into it: what `make setup` runs.

Standard library only. A stamp holds a digest of all that decides the result; where it fits, nothing is done.
A run that was interrupted leaves a mark, and the next one starts over.
"""

import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".wirewatch-setup"
MARK = ROOT / ".venv.unfinished"
LOCK = ROOT / "requirements" / "dev.lock"
OLDEST, BEYOND = (3, 11), (3, 13)
# What pip says when it can't reach a package index, in its several ways.
OFFLINE = ("No matching distribution", "Connection", "name resolution", "Network is unreachable", "timed out")


def main() -> None:
    """Set up, or say that nothing is to be done."""
    if not OLDEST <= sys.version_info[:2] < BEYOND:
        fail(
            "wirewatch needs Python 3.11 or 3.12, and this is {}.{} ({}).\n"
            "Install one of them, or name it: make setup PYTHON=/path/to/python3.11".format(
                *sys.version_info[:2], sys.executable
            )
        )
    wanted = digest()
    if not MARK.exists() and STAMP.exists() and STAMP.read_text() == wanted:
        say("setup: .venv is up to date")
        return
    started = time.monotonic()
    interrupted = MARK.exists()
    MARK.touch()
    STAMP.unlink(missing_ok=True)
    make_venv(clear=interrupted)
    say(f"setup: installing {count(LOCK)} packages as requirements/dev.lock says; about half a minute ...")
    pip("--require-hashes", "--no-deps", "-r", str(LOCK))
    say("setup: installing wirewatch itself, from this checkout ...")
    pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    STAMP.write_text(wanted)
    MARK.unlink()
    say(f"setup: done in {time.monotonic() - started:.0f} s; .venv/bin/wirewatch --help says what there is")


def digest() -> str:
    """Give a digest of all that decides what .venv holds."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), Path(__file__).read_bytes()]
    parts += [str(sys.version_info[:2]).encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def count(lock: Path) -> int:
    """Give the number of packages a lock file names."""
    return sum("==" in line and not line.startswith((" ", "#")) for line in lock.read_text().splitlines())


def make_venv(clear: bool) -> None:
    """Make the environment; start over if the last run was interrupted or another Python made it."""
    python = VENV / "bin" / "python"
    clear = clear or (VENV.exists() and not same_python(python))
    if clear and VENV.exists():
        say("setup: .venv is unfinished or of another Python; making it anew ...")
        shutil.rmtree(VENV)
    if not python.exists():
        say("setup: making .venv with Python {}.{} ...".format(*sys.version_info[:2]))
        done = run([sys.executable, "-m", "venv", str(VENV)])
        if done.returncode != 0:
            fail(f"{done.stdout}\nThe environment could not be made. On Debian, install python3-venv.")


def same_python(python: Path) -> bool:
    """Say whether the environment's Python runs and has our version."""
    try:
        done = run([str(python), "-c", "import sys; print(*sys.version_info[:2])"])
    except OSError:
        return False
    return done.stdout.split() == [str(part) for part in sys.version_info[:2]]


def pip(*arguments: str) -> None:
    """Install, quietly; on failure say what pip said and what that means."""
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-compile"]
    done = run([str(VENV / "bin" / "python"), "-m", "pip", "install", *options, *arguments])
    if done.returncode == 0:
        return
    text = done.stdout.strip()[-3000:]
    if "DO NOT MATCH THE HASHES" in text:
        fail(f"{text}\nA package is not the one that was locked. Find out why before you install it.")
    if any(sign in text for sign in OFFLINE):
        fail(
            f"{text}\nNo package index could be reached, or it lacks a version that is locked. "
            "Check the network, the proxy and pip's configuration (pip config list), then run make setup again."
        )
    fail(f"{text}\npip failed; mend what it names above and run make setup again.")


def run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    """Run a program without input and give its output, both streams in one."""
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def say(line: str) -> None:
    """Tell what is going on, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def fail(text: str) -> NoReturn:
    """End with a message."""
    raise SystemExit("setup: " + text)


if __name__ == "__main__":
    main()
