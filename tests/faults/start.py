"""Starts a worker whose pool children are built by a test's own factory: `python -m tests.faults.start FACTORY`."""

import sys

from streams import logs
from streams.settings import load
from streams.worker import run

if __name__ == "__main__":
    settings = load().settings
    logs.set_up(settings.log_level, settings.log_format)
    sys.exit(run(settings, factory=sys.argv[1]))
