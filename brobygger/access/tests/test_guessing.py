"""Guessing is slow, and nobody's guessing shuts somebody else out."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from brobygger.access import guessing, services
from brobygger.access.models import Guesses
from brobygger.access.tests.test_sign_in import code, first_step
from brobygger.ground import clock
from brobygger.privacy import queries as audit

pytestmark = pytest.mark.django_db

START = "2026-11-23T08:00:00"


def comes_in(client: Client, user: Any) -> bool:
    """Try the right password and the right code."""
    response = first_step(client, user)
    if response.status_code != 302:
        return False
    client.post(reverse("mfa_authenticate"), {"code": code()})
    return client.get(reverse("access:me")).status_code == 200


def said(response: Any) -> str:
    """What the form said against it."""
    return " ".join(response.context["form"].non_field_errors())


@pytest.fixture
def phone(alma: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Alma's own phone, from which she has been in before."""
    phone = Client()
    assert comes_in(phone, alma)
    phone.post(reverse("account_logout"))
    # A code works once; the next half minute has another.
    later = time.time() + 60
    monkeypatch.setattr(time, "time", lambda: later)
    return phone


def test_fifty_wrong_passwords_do_not_shut_her_out_of_her_own_phone(phone: Client, alma: Any, at: Any) -> None:
    at(START)
    stranger = Client()
    for number in range(50):
        first_step(stranger, alma, f"a guess {number} of many")

    assert "Vent" in said(first_step(stranger, alma)), "the right words are not even looked at"
    assert comes_in(phone, alma)


def test_a_stranger_is_slowed_and_never_shut_out_for_good(alma: Any, at: Any) -> None:
    stranger, moment, tried, waits = Client(), at(START), 0, []
    for _second in range(50):
        before = len(audit.trail(alma))
        response = first_step(stranger, alma, "not her words at all")
        if len(audit.trail(alma)) > before:
            tried += 1
        else:
            held = Guesses.objects.get()
            waits.append(held.until - clock.now())
            moment = held.until
            at(clock.local(moment).replace(tzinfo=None).isoformat())
        assert response.status_code == 200

    hours = (moment - at(START)).total_seconds() / 3600
    assert waits[0] == timedelta(seconds=5) and max(waits) == services.LONGEST_WAIT
    assert tried < 30 and hours > 1, "some dozen guesses in an hour and a half"


def test_her_new_phone_waits_five_minutes_at_most(alma: Any, at: Any) -> None:
    at(START)
    for number in range(50):
        first_step(Client(), alma, f"a guess {number} of many")
    new = Client()
    assert not comes_in(new, alma)

    at("2026-11-23T08:05:00")

    assert comes_in(new, alma)


def test_while_one_waits_nothing_is_counted(alma: Any, at: Any) -> None:
    at(START)
    for _each in range(5):
        first_step(Client(), alma, "not her words at all")
    until = Guesses.objects.get().until
    for _each in range(20):
        first_step(Client(), alma, "not her words at all")

    assert Guesses.objects.get().until == until
    assert Guesses.objects.get().count == 5


def test_after_a_quiet_hour_the_count_begins_again(alma: Any, at: Any) -> None:
    at(START)
    for _each in range(5):
        first_step(Client(), alma, "not her words at all")
    at("2026-11-23T09:00:01")

    assert "Vent" not in said(first_step(Client(), alma, "not her words at all"))
    assert Guesses.objects.get().count == 1


def test_her_own_mistakes_are_counted_on_her_own_phone(phone: Client, alma: Any, at: Any) -> None:
    at(START)
    for _each in range(5):
        first_step(phone, alma, "not her words at all")

    assert "Vent" in said(first_step(phone, alma))
    assert first_step(Client(), alma).status_code == 302, "strangers have made no mistakes yet"


def test_an_unknown_address_is_slowed_with_the_same_words(alma: Any, at: Any) -> None:
    at(START)
    told: list[list[str]] = []
    for address in (alma.email, "nobody@huset.example"):
        form = {"login": address, "password": "not her words at all"}
        told.append([said(Client().post(reverse("account_login"), form)) for _each in range(7)])

    assert told[0] == told[1]
    assert "Vent" in told[0][-1]
    assert "nobody" not in str(list(Guesses.objects.values())), "no address is kept, and none that was guessed"


def test_codes_are_guessed_as_slowly(phone: Client, alma: Any, at: Any) -> None:
    at(START)
    thief = Client()
    for number in range(8):
        first_step(thief, alma)
        answer = thief.post(reverse("mfa_authenticate"), {"code": f"{(int(code()) + 1000 + number) % 1_000_000:06}"})
    assert "Vent" in str(answer.context["form"].errors)
    thief.post(reverse("mfa_authenticate"), {"code": code()})
    assert thief.get(reverse("access:me")).status_code == 302

    assert comes_in(phone, alma)


def test_spare_codes_are_guessed_as_slowly(hire: Any, at: Any) -> None:
    at(START)
    new, inside = hire("ny", "therapist"), Client()
    first_step(inside, new)
    inside.post(reverse("mfa_authenticate"), {"code": code()})
    inside.post(reverse("mfa_generate_recovery_codes"))
    spare = inside.get(reverse("mfa_view_recovery_codes")).context["unused_codes"][0]
    thief = Client()
    first_step(thief, new)
    for number in range(6):
        thief.post(reverse("mfa_authenticate"), {"code": f"{number:08}"})

    thief.post(reverse("mfa_authenticate"), {"code": spare})

    assert thief.get(reverse("access:me")).status_code == 302


def test_a_right_password_is_not_counted(alma: Any) -> None:
    for _each in range(12):
        assert first_step(Client(), alma).status_code == 302
    assert Guesses.objects.count() == 0


def test_the_mark_of_a_device_is_signed_and_stays_on_the_staff_side(phone: Client, alma: Any, settings: Any) -> None:
    name = guessing.cookie_name()
    response = Client()
    first_step(response, alma)
    answer = response.post(reverse("mfa_authenticate"), {"code": code()})
    mine = [cookie for cookie in answer.cookies.values() if cookie.key == name]

    assert [cookie["path"] for cookie in mine] == settings.STAFF_PATHS
    assert all(cookie["httponly"] and cookie["samesite"] == "Lax" for cookie in mine)
    assert alma.email not in mine[0].value and alma.handle not in mine[0].value

    forged = Client()
    forged.cookies[name] = mine[0].value[:-4] + "AAAA"
    for _each in range(5):
        first_step(Client(), alma, "not her words at all")
    assert first_step(forged, alma).status_code == 200, "a forged mark is a stranger's"


def test_two_share_a_machine_and_each_keeps_a_count(alma: Any, bo: Any, at: Any) -> None:
    at(START)
    shared = Client()
    for person in (alma, bo):
        assert comes_in(shared, person)
        shared.post(reverse("account_logout"))
    for _each in range(6):
        first_step(shared, bo, "not his words at all")

    assert "Vent" in said(first_step(shared, bo))
    assert first_step(shared, alma).status_code == 302


def test_no_address_is_noted_anywhere(alma: Any, settings: Any) -> None:
    from django.core.cache import cache

    somewhere = Client(REMOTE_ADDR="203.0.113.77", HTTP_X_FORWARDED_FOR="203.0.113.78")
    for _each in range(7):
        first_step(somewhere, alma, "not her words at all")
    comes_in(somewhere, alma)

    kept = str(getattr(cache, "_cache", "")) + str(list(Guesses.objects.values())) + str(audit.trail(alma))
    assert "203.0.113" not in kept
    assert ":ip:" not in kept


def test_old_mistakes_are_swept(alma: Any, at: Any) -> None:
    at(START)
    first_step(Client(), alma, "not her words at all")
    services.sweep(clock.now() + timedelta(minutes=59))
    assert Guesses.objects.count() == 1

    services.sweep(clock.now() + timedelta(minutes=61))
    assert Guesses.objects.count() == 0
