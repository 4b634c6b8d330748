"""What the pages say holds: rules compile, commands give what is shown, links lead somewhere."""

import os
import re
import subprocess
import sys
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
    rules = compile_pack({"README.md": rules_on(ROOT / "README.md")})
    assert isinstance(rules, RuleSet), rules
    assert run_examples(rules) == []


def test_explain_says_of_the_rule_in_the_readme_what_is_shown(tmp_path: Path) -> None:
    rules, article = tmp_path / "rules" / "my-desk" / "rules.yaml", tmp_path / "article.txt"
    rules.parent.mkdir(parents=True)
    rules.write_text(rules_on(ROOT / "README.md"))
    article.write_text("Quiet week\n\nSoldiers from two brigades were said on Monday to mass in the north.\n")
    command = [str(Path(sys.executable).with_name("wirewatch")), "explain", "my-desk/build-up", str(article)]
    said = subprocess.run(
        [*command, "--rules", str(tmp_path / "rules")], capture_output=True, text=True, check=True
    ).stdout
    [shown] = re.findall(r"```\n(my-desk/build-up .*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert said.startswith(shown)


def test_the_rule_file_of_the_reference_compiles_and_a_fault_in_it_is_told_as_shown() -> None:
    page = ROOT / "docs" / "reference" / "rule-files.md"
    text = rules_on(page)
    rules = compile_pack({"desk/build-up.yaml": text})
    assert isinstance(rules, RuleSet), rules
    assert run_examples(rules) == []
    problems = compile_pack({"desk/build-up.yaml": text.replace("severity: high", "severity: hihg")})
    assert isinstance(problems, list)
    assert [str(problem) in page.read_text() for problem in problems] == [True], problems


def rules_on(page: Path) -> str:
    [block] = re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)
    return str(block)


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


GUIDE = ROOT / "docs" / "guide" / "writing-rules.md"


def run_guide(page: str, folder: Path) -> str:
    """Give a page as it would be if its console blocks showed what its commands give in `folder`."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    def block(found: re.Match[str]) -> str:
        info, body = found[1], found[2]
        if info.startswith("file "):
            file = folder / info.removeprefix("file ")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(body, encoding="utf-8")
            return found[0]
        commands = [line for line in body.splitlines() if line.startswith("$ ")]
        return f"```{info}\n{''.join(map(given, commands))}```"

    def given(command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", command.removeprefix("$ ")],
            cwd=folder,
            env={**os.environ, "PATH": path},
            stdout=subprocess.PIPE,
            check=False,
            text=True,
        )
        # How fast it went differs, and a revision may with what goes into it.
        said = re.sub(r"\d+(?= articles/s)|(?<=revision )\w+", "…", done.stdout)
        lines = [line.rstrip() for line in said.splitlines()]
        return "".join(f"{line}\n" for line in [command, *lines])

    return re.sub(r"```(file [^\n]*|console)\n(.*?)```", block, page, flags=re.DOTALL)


def test_the_commands_of_the_guide_to_rules_give_what_it_shows(tmp_path: Path) -> None:
    page = GUIDE.read_text(encoding="utf-8")
    assert page.count("\n$ wirewatch") > 8
    assert run_guide(page, tmp_path) == page
