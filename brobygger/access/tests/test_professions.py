"""What somebody is by training is set when they begin, or later, and leaves a line."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from brobygger.access import services
from brobygger.access.models import User
from brobygger.access.roles import Profession
from brobygger.privacy import queries as audit

pytestmark = pytest.mark.django_db


def test_who_says_nothing_is_something_else(hire: Any) -> None:
    assert hire("alma", "therapist").profession == Profession.OTHER
    assert hire("bo", "therapist", profession="psychologist").profession == Profession.PSYCHOLOGIST


def test_nobody_is_something_the_house_does_not_know(hire: Any) -> None:
    with pytest.raises(ValueError, match="plumber"):
        hire("alma", "therapist", profession="plumber")
    bo = hire("bo", "therapist")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=bo.pk).update(profession="plumber")


def test_a_profession_is_set_once_and_leaves_a_line(hire: Any, capsys: Any) -> None:
    alma = hire("alma", "therapist")
    call_command("profession", "alma", "midwife")
    services.set_profession(user=User.objects.get(pk=alma.pk), profession="midwife", by="keeper")

    assert User.objects.get(pk=alma.pk).profession == "midwife"
    assert capsys.readouterr().out == "Alma: midwife.\n"
    assert audit.trail(alma).count(("keeper", "access.profession_set")) == 1


def test_of_a_stranger_nothing_is_set(db: None) -> None:
    with pytest.raises(CommandError, match="Nobody called zz"):
        call_command("profession", "zz", "midwife")


def test_the_command_hires_with_a_profession(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _question: "three words in a row")
    who = ("alma", "--email", "alma@huset.example", "--name", "Alma", "--role", "therapist")
    call_command("hire", *who, "--profession", "health_visitor")
    assert User.objects.get(handle="alma").profession == "health_visitor"
