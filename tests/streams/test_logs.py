"""Log lines: nothing that a message holds can forge a line, colour a terminal or lose its coordinates."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams import logs

FORMATTERS = [logs.JsonFormatter(), logs.TextFormatter()]
anything = st.text(st.characters(exclude_categories=["Cs"]))


def record(message: str, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("streams.flow", logging.WARNING, __file__, 1, "%s", (message,), None)
    vars(made).update(extra)
    return made


@pytest.fixture
def untouched() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs.QUIET}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)


@pytest.mark.parametrize("formatter", FORMATTERS)
@given(message=anything)
def test_a_message_is_one_printable_line_whatever_it_holds(
    formatter: logging.Formatter, message: str
) -> None:
    assert formatter.format(record(message)).isprintable()


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_a_message_can_neither_forge_a_line_nor_colour_the_terminal(formatter: logging.Formatter) -> None:
    line = formatter.format(record("x\n12:00:00 error all is lost\x1b[31m\x9b31m\u202e\u2028"))
    assert line.isprintable()
    assert "all is lost" in line


@given(anything)
def test_a_json_line_holds_the_message_as_it_was(message: str) -> None:
    line = json.loads(logs.JsonFormatter().format(record(message)))
    assert line["message"] == message
    assert (line["level"], line["logger"]) == ("warning", "streams.flow")
    assert line["time"].endswith("+00:00")


def test_a_line_about_a_message_carries_its_coordinates() -> None:
    about = record("bad", topic="articles", partition=3, offset=17)
    line = json.loads(logs.JsonFormatter().format(about))
    assert (line["topic"], line["partition"], line["offset"]) == ("articles", 3, 17)
    assert logs.TextFormatter().format(about).endswith("[topic=articles partition=3 offset=17]")
    assert "topic" not in json.loads(logs.JsonFormatter().format(record("good")))


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_a_message_without_end_is_cut(formatter: logging.Formatter) -> None:
    assert len(formatter.format(record("a" * 1_000_000))) < logs.MOST_CHARACTERS + 200


def test_a_fault_is_told_with_its_traceback_inside_the_json_line() -> None:
    about = record("failed")
    try:
        raise ValueError("why\nit failed")
    except ValueError:
        about.exc_info = sys.exc_info()
    text = logs.JsonFormatter().format(about)
    assert "\n" not in text
    assert "ValueError: why\nit failed" in json.loads(text)["exception"]


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(("form", "is_json"), [("json", True), ("text", False), ("auto", True)])
def test_lines_go_to_standard_error_as_json_unless_text_or_a_terminal_is_asked_for(
    capsys: pytest.CaptureFixture[str], form: str, is_json: bool
) -> None:
    logs.set_up("INFO", form)  # type: ignore[arg-type]
    logging.getLogger("streams.test").info("hello")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("{") == is_json
    assert "hello" in err


@pytest.mark.usefixtures("untouched")
def test_what_libraries_say_of_each_step_is_heard_only_when_debugging(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for level in ("INFO", "DEBUG"):
        logs.set_up(level, "json")
        logging.getLogger("aiokafka").info("joined group")
    assert capsys.readouterr().err.count("joined group") == 1
