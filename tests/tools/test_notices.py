"""Proves that the notices tell what the locks install."""

from pathlib import Path

from tools.notices import FILE, LOCK, notices, pinned

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_notices_are_what_the_installed_packages_say() -> None:
    written = FILE.read_text(encoding="utf-8")
    assert written == notices(LOCK.read_text(encoding="utf-8")), "run `make notices`"


def test_development_and_build_use_the_versions_that_run() -> None:
    runtime, dev, build = (
        dict(pinned((ROOT / f"requirements/{name}.lock").read_text())) for name in ("runtime", "dev", "build")
    )
    assert runtime.items() <= dev.items()
    assert build.items() <= dev.items()


def test_no_lock_names_a_package_index() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        lines = lock.read_text(encoding="utf-8").splitlines()
        assert not [line for line in lines if "://" in line or line.startswith("-")], lock
