"""The words somebody says yes to come from the house's file, whole, in the reader's language, and dated."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from brobygger.catalogue import queries, services
from brobygger.catalogue.models import Wording
from conftest import HOUSES

pytestmark = pytest.mark.django_db
LINE = "Du siger ja til, at Dit Rum får dit fornavn og dit nummer."


def refused(tmp_path: Path, old: str, new: str) -> services.Problem:
    """Furnish with one thing exchanged, and give the only problem."""
    text = (HOUSES / "ditrum.toml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / "house.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with translation.override("en"), pytest.raises(services.BadHouse) as bad:
        services.furnish(path=path, by="keeper")
    (problem,) = bad.value.problems
    return problem


@pytest.mark.parametrize("house", ["ditrum", "familiesupporten"])
def test_every_house_says_in_both_languages_who_rings_and_how_to_take_it_back(house: str) -> None:
    services.furnish(path=HOUSES / f"{house}.toml", by="keeper")
    danish, english = (queries.wording("referral", language) for language in ("da", "en"))

    assert danish is not None and english is not None
    for found, parts in ((danish, ("fornavn", "nummer", "ringer", "90 dage", "nøgle")), (english, ("number", "key"))):
        assert all(part in found.text for part in parts)
        assert found.digest == hashlib.sha256(found.text.encode()).hexdigest()
        assert found.days == 90 and found.text.count("\n") == 5
    assert danish.digest != english.digest


def test_the_pages_language_is_taken_unless_another_is_named(furnished: Any) -> None:
    with translation.override("en"):
        assert queries.wording("referral") == queries.wording("referral", "en")
        assert queries.wording("referral", "da") != queries.wording("referral")
    with translation.override("da"):
        assert queries.wording("referral") == queries.wording("referral", "da") == queries.wording("referral", "pl")


def test_a_wording_nobody_has_is_none(furnished: Any) -> None:
    assert queries.wording("photographs") is None
    assert queries.wording("referral", on=date(1999, 1, 1)) is None


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("days = 90\n", "days = 0\n", "must be a whole number from 1 to 366."),
        ("days = 90\n", "", 'lacks "days".'),
        ("days = 90\n", "days = 90\nhow = 3\n", "is no field we know"),
        (f'{{ da = "{LINE}", en = ', '{ da = "", en = ', 'has no text in the language "da".'),
    ],
)
def test_a_wording_that_cannot_be_used_is_refused_with_its_line(old: str, new: str, why: str, tmp_path: Path) -> None:
    problem = refused(tmp_path, old, new)

    assert problem.where.startswith("consents.1") and why in problem.why and problem.line > 1


def test_the_database_too_refuses_a_yes_that_stands_no_day(furnished: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Wording.objects.create(key="other", text=[], days=0)
    Wording.objects.create(key="other", text=[], days=1)
