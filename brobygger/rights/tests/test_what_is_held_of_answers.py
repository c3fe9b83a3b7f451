"""What a person is given of what was answered: a child its own, and nobody else what it said itself."""

from datetime import datetime
from typing import Any

import pytest

from brobygger.ground import clock
from brobygger.outcomes import services
from brobygger.outcomes.tests.asked import BO, LIV, WELL, family, of
from brobygger.outcomes.tests.test_answering import keep
from brobygger.outcomes.tests.test_numbers import course, paired
from brobygger.rights import gathering

__all__ = ["course", "paired"]
pytestmark = pytest.mark.django_db


def sections(member: Any, right: str, *, own_talks: bool = False, until: datetime | None = None) -> dict[str, Any]:
    scope = gathering.Scope(until=until or clock.now(), right=right, own_talks=own_talks)
    return {section.key: section for section in gathering.sections(member, scope)}


def test_what_a_child_answered_is_in_its_own_paper_question_by_question(paired) -> None:
    (first, last) = sections(paired.members.get(position=2), "young", own_talks=True)["answers"].entries
    assert first.ident is None and ("Lagt sammen", "24 / 100") in first.facts
    assert first.facts[0] == ("I de sidste 2 uger har jeg været glad og i godt humør", "Lidt af tiden")
    assert ("Lagt sammen", "72 / 100") in last.facts


def test_who_has_custody_is_not_told_what_a_child_answered_itself_nor_that_it_did(paired) -> None:
    child = paired.members.get(position=2)
    found = sections(child, "custody")
    assert "answers" not in found
    assert "WHO" not in repr(found) and "svar" not in repr(found["log"].entries if "log" in found else "")
    whole = sections(child, "custody", own_talks=True)
    assert [each.ident is not None for each in whole["answers"].entries] == [True, True]


def test_what_a_grown_up_answered_about_a_child_is_looked_through_before_anybody_has_it(furnished, alma, at) -> None:
    at("2026-03-02T10:00")
    course = family(alma, LIV, BO)
    sheet = keep(of(course, 3), alma, {"reached": 2}, instrument="goal")
    bertil = course.members.get(position=3)
    for right in ("custody", "young"):
        (entry,) = sections(bertil, right)["answers"].entries
        assert entry.ident == sheet.pk and entry.words
    assert "answers" not in sections(course.members.get(position=2), "young", own_talks=True)


def test_what_was_set_right_is_in_the_paper_with_what_stood_there(paired, alma) -> None:
    sheet = of(paired, moment="end").sheets.get()
    services.correct(sheet=sheet, answers=WELL | {"1": 4}, reason="tastefejl", by=alma)
    last = sections(paired.members.get(position=2), "young", own_talks=True)["answers"].entries[-1]
    assert any(label.startswith("Før det blev rettet") for label, _said in last.facts)
