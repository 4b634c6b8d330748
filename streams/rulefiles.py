"""Rule files on disk: a folder's YAML, read for the core to compile."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from processors.entities.places import UNCHARTED, Places
from processors.rules import Problem, RuleSet, compile_pack
from streams.shipped import shipped

MOST_FILES = 10_000
MOST_BYTES = 4 * 1024 * 1024  # of one file


class RuleError(Exception):
    """Rules that can't be used: `problems` names each fault, its place and its remedy."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def read_files(folder: Path | None) -> dict[str, str]:
    """Give the text of every .yaml and .yml file in a folder, and in those below, by its path from there.

    None means the packs that come with the project. Files and folders whose name begins with a dot
    are left out.

    Raises:
        RuleError: the folder is missing or has no rule file, or a file can't be read.
    """
    root = shipped("rules") if folder is None else folder
    if not root.is_dir():
        raise RuleError(
            [_problem(str(root), "there is no such folder", "name the folder that holds the rule files")]
        )
    paths = _paths(root)
    if not paths:
        raise RuleError(
            [_problem(str(root), "no .yaml file is in this folder", "name the folder that holds the rules")]
        )
    if len(paths) > MOST_FILES:
        raise RuleError(
            [_problem(str(root), f"{len(paths):,} rule files, at most {MOST_FILES:,}", "unite some")]
        )
    return {path.relative_to(root).as_posix(): _read(path) for path in paths}


def mark(folder: Path | None) -> tuple[tuple[str, int, int, int], ...] | None:
    """Give what changes when a rule file changes, comes or goes, without reading any; None: there is none.

    Raises:
        OSError: a file can't be looked at.
    """
    root = shipped("rules") if folder is None else folder
    seen = ((path, path.stat()) for path in _paths(root)[:MOST_FILES])
    return tuple((str(path), at.st_mtime_ns, at.st_size, at.st_ino) for path, at in seen) or None


def load(folder: Path | None, models: Sequence[str] = ("en",)) -> RuleSet:
    """Compile the rules of a folder; None means the packs that come with the project.

    Places have the names they have in the languages that `models` begin with.

    Raises:
        RuleError: with everything that is wrong with them.
    """
    files = read_files(folder)
    rules = compile_pack(files, places_for("".join(files.values()).encode(), models))
    if isinstance(rules, list):
        raise RuleError(rules)
    return rules


def _paths(root: Path) -> list[Path]:
    return [
        path
        for path in sorted(root.rglob("*"))
        if path.suffix in {".yaml", ".yml"}
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
    ]


def places_for(rules: bytes, models: Sequence[str]) -> Places:
    """Give what lies where, if rules ask for places: a second or two to make, once a process."""
    if b"place:" not in rules:
        return UNCHARTED
    return _places(tuple(model.split("_", 1)[0] for model in models))


@cache
def _places(languages: tuple[str, ...]) -> Places:
    from streams import gazetteers  # noqa: PLC0415 - rules seldom ask

    return gazetteers.load_places(languages)


def _read(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise RuleError(
                [_problem(str(path), f"the file has {size:,} bytes, at most {MOST_BYTES:,}", "split it")]
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RuleError(
            [_problem(str(path), f"byte {error.start} is not UTF-8", "save the file as UTF-8")]
        ) from error
    except OSError as error:
        raise RuleError(
            [_problem(str(path), f"it can't be read: {error.strerror}", "check its permissions")]
        ) from error


def _problem(file: str, what: str, remedy: str) -> Problem:
    return Problem(file=file, line=1, column=1, what=what, remedy=remedy)
