"""What the pages say holds: the rule in the README compiles, links lead somewhere, no index address slips in."""

import re
import subprocess
from pathlib import Path

import pytest

from processors.rules import RuleSet, compile_pack, run_examples

ROOT = Path(__file__).resolve().parents[2]
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
]
PAGES = [path for path in TRACKED if path.suffix == ".md"]


def test_the_rule_in_the_readme_compiles_and_its_examples_hold() -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    rules = compile_pack({"README.md": block})
    assert isinstance(rules, RuleSet), rules
    assert run_examples(rules) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_no_address_of_a_package_index_stands_anywhere() -> None:
    hosts = (
        "pypi" + ".org",
        "files.python" + "hosted.org",
        "repo1" + ".maven.org",
        "registry.npm" + "js.org",
    )
    for path in TRACKED:
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        assert not [host for host in hosts if host in text], path
