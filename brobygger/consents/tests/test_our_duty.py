"""Our own duty to notify: weighed by two people, and never changed."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from brobygger.access.guards import NotAllowed
from brobygger.consents import queries, rules, weighing
from brobygger.consents.models import Duty, DutyReading
from brobygger.privacy import keyring
from brobygger.privacy import queries as privacy

pytestmark = pytest.mark.django_db
SAID = {"worry": "Han er træt og bange.", "decided": "Vi underretter.", "why": "Vold hjemme.", "parents": "Nej, vold."}


@pytest.fixture
def duty(alma: Any, clara: Any) -> Duty:
    """Alma's weighing, with Clara as the second."""
    return weighing.weigh(about=uuid4(), said=SAID, second=clara, by=alma)


def test_a_weighing_is_sealed_and_read_by_its_two_people_alone(duty: Duty, alma: Any, bo: Any, clara: Any) -> None:
    assert SAID["worry"].encode() not in bytes(duty.sealed)
    assert queries.get_duty(bo, duty.pk) is None and queries.duties(bo) == []
    for one in (alma, clara):
        assert queries.get_duty(one, duty.pk) == duty
        assert weighing.look_at_duty(duty=duty, by=one).said == SAID
    assert [deed for _who, deed in privacy.trail(f"thread:{duty.about}")] == [
        "consents.duty_weighed", "consents.duty_looked", "consents.duty_looked",
    ]  # fmt: skip


def test_nobody_is_their_own_second(alma: Any, gro: Any, clara: Any) -> None:
    with pytest.raises(ValueError, match="two people"):
        weighing.weigh(about=uuid4(), said=SAID, second=alma, by=alma)
    with pytest.raises(NotAllowed):
        weighing.weigh(about=uuid4(), said=SAID, second=gro, by=alma)
    with pytest.raises(NotAllowed):
        weighing.weigh(about=uuid4(), said=SAID, second=clara, by=gro)
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.create(
            about=uuid4(), key=uuid4(), sealed=b"x", written_by=alma, second=alma,
            written_at="2026-11-23T09:00Z", kept_until=date(2031, 11, 23),
        )  # fmt: skip
    assert not Duty.objects.exists()


@pytest.mark.parametrize("part", rules.WEIGHED)
def test_every_part_is_asked_for(part: str, alma: Any, clara: Any) -> None:
    with pytest.raises(ValueError, match="four parts"):
        weighing.weigh(about=uuid4(), said=SAID | {part: "  "}, second=clara, by=alma)


def test_only_the_second_says_what_they_think_and_only_once(duty: Duty, alma: Any, bo: Any, clara: Any) -> None:
    for one in (alma, bo):
        with pytest.raises(weighing.NotTheSecond):
            weighing.read_second(duty=duty, agrees=True, words="Enig.", by=one)
    assert queries.unread_duties(clara) == 1

    weighing.read_second(duty=duty, agrees=False, words="Jeg ser det anderledes.", by=clara)
    assert queries.unread_duties(clara) == 0
    with pytest.raises(weighing.AlreadyRead):
        weighing.read_second(duty=duty, agrees=True, words="Alligevel enig.", by=clara)
    seen = weighing.look_at_duty(duty=duty, by=alma)
    assert seen.reading == {"agrees": False, "words": "Jeg ser det anderledes."} and not seen.may_read_second


def test_the_database_lets_nobody_change_or_remove_it(duty: Duty, bo: Any, clara: Any) -> None:
    weighing.read_second(duty=duty, agrees=True, words="Enig.", by=clara)
    deeds = [
        lambda: Duty.objects.filter(pk=duty.pk).update(sealed=b"y"),
        lambda: Duty.objects.filter(pk=duty.pk).update(kept_until=date(2000, 1, 1)),
        lambda: Duty.objects.filter(pk=duty.pk)._raw_delete("default"),
        lambda: DutyReading.objects.update(sealed=b"y"),
        lambda: DutyReading.objects.all()._raw_delete("default"),
    ]
    for deed in deeds:
        with pytest.raises(IntegrityError), transaction.atomic():
            deed()
    assert weighing.look_at_duty(duty=duty, by=clara).said == SAID


def test_the_database_takes_a_second_opinion_from_the_second_alone(duty: Duty, bo: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        DutyReading.objects.create(duty=duty, sealed=b"x", read_by=bo, read_at="2026-11-23T09:00Z")


def test_after_its_years_it_is_destroyed_key_first(alma: Any, clara: Any, at: Any) -> None:
    at("2020-02-29T10:00")
    old = weighing.weigh(about=uuid4(), said=SAID, second=clara, by=alma)
    weighing.read_second(duty=old, agrees=True, words="Enig.", by=clara)
    assert old.kept_until == date(2025, 2, 28)
    now = at("2026-11-23T03:00")
    kept = weighing.weigh(about=uuid4(), said=SAID, second=clara, by=alma)

    assert weighing.sweep(now) == 1
    assert list(Duty.objects.all()) == [kept] and not DutyReading.objects.exists()
    with pytest.raises(keyring.Shredded):
        keyring.open_sealed(old.key, bytes(old.sealed), context=keyring.place("duty", old.pk, "sealed"))
