"""Pytest plugin for `make promises`: after the proofs, print the sentences we may publish, and those we may not.

A promise is a test marked `@pytest.mark.promise("T5", "…på dansk", "…in English")`. Several tests may prove one
promise; its sentence may be said only when every one of them passed.
"""

from collections import defaultdict
from typing import Any

import pytest

Sentence = tuple[str, str, str]
_proofs: dict[Sentence, dict[str, bool]] = defaultdict(dict)
_promised: dict[str, Sentence] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Remember which test proves which promise."""
    for item in items:
        for mark in item.iter_markers("promise"):
            name, da, en = [*mark.args, *[mark.kwargs[k] for k in ("name", "da", "en") if k in mark.kwargs]]
            _promised[item.nodeid] = (name, da, en)
            # Until it has run and passed, it is not proved: a skipped proof is no proof.
            _proofs[(name, da, en)][item.nodeid] = False


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A proof holds when its call passed and neither its set-up nor its end failed."""
    sentence = _promised.get(report.nodeid)
    if sentence is None:
        return
    if report.when == "call":
        _proofs[sentence][report.nodeid] = report.passed
    elif report.failed:
        _proofs[sentence][report.nodeid] = False


def by_name(sentence: Sentence) -> tuple[str, int]:
    """Sort T2 before T10."""
    letters = sentence[0].rstrip("0123456789")
    return letters, int(sentence[0][len(letters) :] or 0)


def sentences(proofs: dict[Sentence, dict[str, bool]]) -> list[str]:
    """Write the lines to print: what may be said, with how many proofs, and what may not be said."""
    lines = []
    broken = {sentence[0] for sentence, tests in proofs.items() if not all(tests.values())}
    for sentence in sorted(proofs, key=by_name):
        name, da, _ = sentence
        if name in broken:
            failed = [test for test, passed in proofs[sentence].items() if not passed]
            lines.append(f"{name:<4} may not be said: {da}")
            lines += [f"       not proved by {test}" for test in failed]
        else:
            lines.append(f"{name:<4} {da}")
    return lines


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the sentences last, where a person looks."""
    terminalreporter.section("what we may promise")
    for line in sentences(_proofs):
        terminalreporter.write_line(line)
