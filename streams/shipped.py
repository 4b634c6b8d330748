"""Where what comes with the project lies: inside the installed package, or at the root of the checkout."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """Give the path of a folder or file that is shipped, such as `rules`.

    Raises:
        FileNotFoundError: this installation lacks it.
    """
    for path in (_HERE / "_shipped" / name, _HERE.parent / name):
        if path.exists():
            return path
    raise FileNotFoundError(f"{name} does not come with this installation: install the project's wheel again")
