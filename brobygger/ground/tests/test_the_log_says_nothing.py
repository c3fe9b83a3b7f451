"""A canary sentence is thrown, formatted, posted and addressed; no log or report may repeat it."""

import ast
import io
import logging
import sys
from pathlib import Path

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.views.debug import technical_500_response

from brobygger.ground.logging import Bare, Plain, SilentReporter, _say_crash, kind

CANARY = "min far drikker og jeg hedder Kanariefugl"
ROOMS = Path(__file__).resolve().parents[2]


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def write(log: io.StringIO) -> logging.Logger:
    """A logger of our own that writes through the house's filter and formatter."""
    handler = logging.StreamHandler(log)
    handler.addFilter(Bare())
    handler.setFormatter(Plain())
    logger = logging.Logger("brobygger.ground.test")
    logger.addHandler(handler)
    return logger


def crash() -> None:
    try:
        int(CANARY)
    except ValueError as error:
        raise KeyError(CANARY) from error


def test_a_crash_is_logged_by_kind_and_place_alone(write: logging.Logger, log: io.StringIO, rf: RequestFactory) -> None:
    request = rf.post(f"/foraelder/{CANARY}", {"text": CANARY})
    try:
        crash()
    except KeyError:
        write.exception("could not open %s", CANARY, extra={"request": request, "text": CANARY}, stack_info=True)
    line = log.getvalue()
    assert CANARY not in line and "Kanariefugl" not in line
    assert "could not open %s" in line
    assert "KeyError < ValueError" in line and "brobygger/ground/tests/test_the_log_says_nothing.py:" in line
    assert line.count("\n") == 1


def test_the_words_of_other_programs_are_not_repeated_at_all(log: io.StringIO, write: logging.Logger) -> None:
    write.name = "django.request"
    write.warning("Not Found: %s", f"/{CANARY}", extra={"status_code": 404})
    write.warning(f"bad {CANARY}")
    lines = log.getvalue()
    assert "Kanariefugl" not in lines and "404" in lines and "django.request" in lines


def test_numbers_may_be_told(log: io.StringIO, write: logging.Logger) -> None:
    write.warning("opened %d of %d", 3, 4)
    assert "opened 3 of 4" in log.getvalue()


def test_the_formatter_is_silent_even_where_the_filter_was_forgotten() -> None:
    record = logging.LogRecord("other", logging.ERROR, "/srv/kanarie/x.py", 7, CANARY, None, None)
    assert "Kanariefugl" not in Plain().format(record)


def test_the_report_of_a_crash_holds_no_post_no_variables_no_settings(rf: RequestFactory) -> None:
    request: HttpRequest = rf.post("/barn/", {"text": CANARY})
    request.exception_reporter_class = SilentReporter  # type: ignore[attr-defined]
    try:
        crash()
    except KeyError:
        page = technical_500_response(request, *sys.exc_info()).content.decode()
        text = SilentReporter(request, *sys.exc_info()).get_traceback_text()
    assert "Kanariefugl" not in page + text and "SECRET" not in page
    assert text.startswith("KeyError < ValueError at ")


def test_a_crash_outside_a_request_is_as_silent(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        crash()
    except KeyError as error:
        _say_crash(type(error), error, error.__traceback__)
        assert kind(error) == "KeyError < ValueError"
    said = capsys.readouterr().err
    assert "KeyError" in said and "Kanariefugl" not in said


def test_our_own_log_calls_have_constant_words() -> None:
    for file in ROOMS.rglob("*.py"):
        if "tests" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_log(node.func):
                assert node.args and isinstance(node.args[0], ast.Constant), f"{file}:{node.lineno}"


def _is_log(call: ast.Attribute) -> bool:
    levels = {"debug", "info", "warning", "error", "exception", "critical"}
    return call.attr in levels and isinstance(call.value, ast.Name) and call.value.id in {"log", "logger", "logging"}
