"""A log that can be read aloud in public: what kind of thing went wrong, and where in the program. Nothing else.

A visitor's words can hide in an exception's message, in the arguments of a log call, in a path, in a variable of a
frame. So a line is built only from what we wrote ourselves: level, logger, exception types, file and line numbers,
and the constant text of our own log calls (a test checks that they are constants).
"""

import logging
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter

_ROOT = Path(__file__).resolve().parent.parent.parent
#: Loggers whose text we wrote ourselves.
_OURS = "brobygger"
#: What every log record has from the start; anything else came in through `extra` or a framework.
_KEPT = frozenset(logging.makeLogRecord({}).__dict__) | {"status_code", "said"}


def places(trace: TracebackType | None) -> str:
    """Name file and line of each frame, outermost first; libraries are named by their last two steps."""
    steps = []
    while trace is not None:
        steps.append(f"{_short(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(steps)


def kind(error: BaseException | None) -> str:
    """Name an exception and what caused it, by type alone."""
    names: list[str] = []
    while error is not None and len(names) < 5:
        names.append(f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins."))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return " < ".join(names)


class Bare(logging.Filter):
    """Strip a record of everything a visitor could have put there."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep level, logger, place, status, exception types; let every record through."""
        said = record.__dict__.setdefault("said", self._said(record))
        record.msg, record.args = said, None
        record.exc_info = record.exc_text = record.stack_info = None
        for name in set(record.__dict__) - _KEPT:
            del record.__dict__[name]
        return True

    def _said(self, record: logging.LogRecord) -> str:
        parts = [f"{_short(record.pathname)}:{record.lineno}"]
        if record.name.split(".")[0] == _OURS and isinstance(record.msg, str):
            # The text as written; numbers may fill its holes, anything else may be somebody's words.
            args = record.args if isinstance(record.args, tuple) else ()
            numbers = args and all(isinstance(value, int | float) for value in args)
            parts.append(record.msg % args if numbers else record.msg)
        status = getattr(record, "status_code", None)
        if isinstance(status, int):
            parts.append(str(status))
        if isinstance(record.exc_info, tuple) and record.exc_info[1]:
            parts += [kind(record.exc_info[1]), f"at {places(record.exc_info[2])}"]
        return " ".join(parts)


class Plain(logging.Formatter):
    """Write a record on one line. It strips the record itself if nobody did."""

    def __init__(self) -> None:
        """Fix the line's shape: a setting cannot add more to it."""
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Write one line without breaks."""
        Bare().filter(record)
        return super().format(record).replace("\n", " ").replace("\r", " ")


class SilentReporter(ExceptionReporter):
    """Report a crash by type and place: no POST data, no variables, no settings."""

    def get_traceback_data(self) -> dict[str, Any]:
        """Give nothing to whoever would build a report of their own."""
        return {"exception_type": kind(self.exc_value), "lastframe": places(self.tb)}

    def get_traceback_text(self) -> SafeString:
        """Say type and place."""
        return mark_safe(f"{kind(self.exc_value)} at {places(self.tb)}\n")

    def get_traceback_html(self) -> SafeString:
        """Say type and place; there is nothing to lay out."""
        return format_html("<!doctype html><title>500</title><pre>{}</pre>", str(self.get_traceback_text()))


def quiet_crashes() -> None:
    """Make a crash in a command or a thread as silent as one in a request, and a failing log call silent too."""
    logging.raiseExceptions = False
    sys.excepthook = _say_crash
    threading.excepthook = _say_thread_crash


def _say_crash(kind_of: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind_of, KeyboardInterrupt):
        return
    print(f"{kind(error)} at {places(trace)}", file=sys.stderr)


def _say_thread_crash(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is not None:
        _say_crash(crash.exc_type, crash.exc_value, crash.exc_traceback)


def _short(path: str) -> str:
    """Name a file without the machine's folders: they may carry a person's name."""
    file = Path(path)
    if file.is_relative_to(_ROOT) and "site-packages" not in file.parts:
        return str(file.relative_to(_ROOT))
    return "/".join(file.parts[-2:])
