"""A sign-in ends by itself, at every place at once when it must, and nothing typed is lost."""

import time
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from brobygger.access import services
from brobygger.access.roles import Role
from brobygger.access.tests.test_sign_in import code, first_step
from brobygger.privacy import queries as audit
from conftest import PASSWORD

pytestmark = pytest.mark.django_db
TEXT = "Kære familie, vi har læst det, I skrev."


def age(client: Client, name: str, seconds: float) -> None:
    """Let a moment in somebody's session lie further back."""
    session = client.session
    session[name] = time.time() - seconds
    session.save()


def inside(client: Client) -> bool:
    """Tell whether somebody is in."""
    return client.get(reverse("access:me")).status_code == 200


def in_again(client: Client, user: Any, response: Any) -> Any:
    """Sign in again where the house asked one to, and give the page one comes to."""
    where, _mark, to = response.url.partition("?next=")
    response = client.post(where, {"login": user.email, "password": PASSWORD, "next": unquote(to)})
    return client.post(response.url, {"code": code()})


def test_half_an_hour_without_anybody_there_ends_it(staff_client: Any, alma: Any) -> None:
    client = staff_client(alma)
    age(client, "seen", 29 * 60)
    assert inside(client), "and being there begins the half hour again"
    age(client, "seen", 31 * 60)

    response = client.get(reverse("access:roles"))

    assert unquote(response.url) == f"{reverse('account_login')}?next={reverse('access:roles')}"
    assert "Du blev logget ud" in client.get(response.url).content.decode()
    assert not inside(client)


def test_a_list_that_asks_for_itself_keeps_nobody_in(staff_client: Any, alma: Any) -> None:
    client = staff_client(alma)
    age(client, "seen", 20 * 60)
    before = client.session["seen"]

    client.get(reverse("access:me"), headers={"hx-request": "true"})
    assert client.session["seen"] == before
    client.get(reverse("access:me"), headers={"hx-request": "true", "hx-boosted": "true"})
    assert client.session["seen"] > before

    age(client, "seen", 31 * 60)
    asked = client.get(reverse("access:me"), headers={"hx-request": "true"})
    assert asked.headers["HX-Redirect"] == reverse("account_login")


def test_a_sign_in_lasts_one_working_day_however_busy(staff_client: Any, alma: Any) -> None:
    client = staff_client(alma)
    age(client, "began", 10 * 3600 - 60)
    assert inside(client)
    age(client, "began", 10 * 3600 + 60)

    assert not inside(client)
    assert "en arbejdsdag" in client.get(reverse("account_login")).content.decode()


def test_at_the_fourth_place_the_first_gives_way(staff_client: Any, alma: Any) -> None:
    places = [staff_client(alma) for _each in range(4)]

    assert [inside(place) for place in places] == [False, True, True, True]
    assert ("alma", "access.seat_gave_way") in audit.trail(alma)


def test_who_signs_out_gives_the_place_back(staff_client: Any, alma: Any) -> None:
    places = [staff_client(alma) for _each in range(3)]
    places[2].post(reverse("account_logout"))
    places[2] = staff_client(alma)

    assert [inside(place) for place in places] == [True, True, True]
    alma.refresh_from_db()
    assert len(alma.seats) == 3


def test_one_can_sign_out_everywhere(staff_client: Any, alma: Any, bo: Any) -> None:
    places, other = [staff_client(alma) for _each in range(2)], staff_client(bo)
    assert places[0].get(reverse("access:me")).content.decode().count("Siden") == 2

    assert places[0].get(reverse("access:sign_out_everywhere")).status_code == 405
    response = places[0].post(reverse("access:sign_out_everywhere"))

    assert "Du er logget ud alle steder" in places[0].get(response.url).content.decode()
    assert [inside(place) for place in places] == [False, False]
    assert inside(other)
    assert ("alma", "access.signed_out_everywhere") in audit.trail(alma)


def test_a_new_password_ends_the_other_places(staff_client: Any, alma: Any) -> None:
    here, there = staff_client(alma), staff_client(alma)
    form = {"oldpassword": PASSWORD, "password1": "four other words here", "password2": "four other words here"}

    assert here.post(reverse("account_change_password"), form).status_code == 302

    assert inside(here) and not inside(there)
    alma.refresh_from_db()
    assert len(alma.seats) == 1


@pytest.mark.parametrize("how", ["end_role", "leave", "let_in_again"])
def test_a_session_ends_when_the_right_to_be_here_changes(staff_client: Any, alma: Any, clara: Any, how: str) -> None:
    client = staff_client(alma)
    more = {"end_role": {"role": Role.THERAPIST}, "leave": {}, "let_in_again": {"password": "entirely new words"}}
    assert inside(client)

    getattr(services, how)(user=alma, by=clara, **more[how])

    assert not inside(client)
    alma.refresh_from_db()
    assert alma.seats == []


def test_what_was_typed_is_given_back_after_signing_in_again(staff_client: Any, alma: Any) -> None:
    client, path = staff_client(alma), reverse("appointments:hours")
    age(client, "seen", 31 * 60)

    response = client.post(path, {"text": TEXT, "times": ["a", "b"]})
    assert "er gemt" in client.get(response.url).content.decode()
    assert not any(TEXT in str(row.session_data) for row in Session.objects.all())
    assert TEXT not in str(client.session.items()), "it lies sealed, under a key in memory"
    kept = in_again(client, alma, response)
    assert kept.url == reverse("access:kept")

    page = client.get(kept.url).content.decode()
    assert page.count(TEXT) == 2, "once to read, once to send"
    assert f'action="{path}"' in page
    assert page.count('name="times"') == 2


def test_sent_again_or_thrown_away_it_is_gone(furnished: Any, staff_client: Any, alma: Any) -> None:
    for last in ("sent", "thrown away"):
        client, path = staff_client(alma), reverse("appointments:hours")
        age(client, "seen", 31 * 60)
        response = client.post(path, {"text": TEXT})
        cache.clear()  # a code works once
        in_again(client, alma, response)
        assert TEXT in client.get(reverse("access:kept")).content.decode()

        client.post(path if last == "sent" else reverse("access:throw_away"), {"text": TEXT})

        assert client.get(reverse("access:kept")).status_code == 302
        assert "kept" not in client.session


def test_what_one_typed_is_not_shown_to_another_on_the_same_machine(
    staff_client: Any, alma: Any, bo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = staff_client(alma)
    age(client, "seen", 31 * 60)
    response = client.post(reverse("appointments:hours"), {"text": TEXT})

    in_again(client, bo, response)

    assert client.get(reverse("access:kept")).status_code == 302
    assert inside(client)


def test_who_signs_in_by_hand_comes_to_what_was_kept(furnished: Any, staff_client: Any, alma: Any) -> None:
    client, link = staff_client(alma), f'href="{reverse("access:kept")}"'
    assert link not in client.get(reverse("access:me")).content.decode()
    age(client, "seen", 31 * 60)
    client.post(reverse("appointments:hours"), {"text": TEXT, "text_was": "Hej igen"})
    answer = client.post(reverse("account_login"), {"login": alma.email, "password": PASSWORD})
    assert client.post(answer.url, {"code": code()}).url == reverse("access:kept")

    page = client.get(reverse("access:kept")).content.decode()
    assert page.count(TEXT) == 2 and page.count("Hej igen") == 1 and link not in page
    assert link in client.get(reverse("access:me")).content.decode()
    client.post(reverse("appointments:hours"), {"text": TEXT})
    assert link not in client.get(reverse("access:me")).content.decode()


def test_a_colleague_on_the_same_machine_gets_no_link_to_it(staff_client: Any, alma: Any, bo: Any) -> None:
    client = staff_client(alma)
    age(client, "seen", 31 * 60)
    client.post(reverse("appointments:hours"), {"text": TEXT})
    answer = client.post(reverse("account_login"), {"login": bo.email, "password": PASSWORD})
    assert client.post(answer.url, {"code": code()}).url != reverse("access:kept")
    assert reverse("access:kept") not in client.get(reverse("access:me")).content.decode()
    assert "kept" not in client.session


def test_it_is_kept_for_an_hour(staff_client: Any, alma: Any, at: Any) -> None:
    at("2026-11-23T08:00:00")
    client = staff_client(alma)
    age(client, "seen", 31 * 60)
    response = client.post(reverse("appointments:hours"), {"text": TEXT})
    in_again(client, alma, response)
    assert client.get(reverse("access:kept")).status_code == 200
    at("2026-11-23T09:00:01")

    assert client.get(reverse("access:kept")).status_code == 302


def test_a_password_is_never_kept(staff_client: Any, alma: Any) -> None:
    client = staff_client(alma)
    age(client, "seen", 31 * 60)

    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": "four other words here"})

    assert "kept" not in client.session


def test_a_form_from_another_page_is_not_kept(staff_client: Any, alma: Any) -> None:
    client = staff_client(alma)
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = client.cookies
    age(careful, "seen", 31 * 60)

    assert careful.post(reverse("appointments:hours"), {"text": "planted by a stranger"}).status_code == 403
    assert "kept" not in careful.session


def test_who_was_not_in_at_all_is_told_that_nothing_was_sent(client: Client) -> None:
    response = client.post(reverse("appointments:hours"), {"text": TEXT})

    assert "intet blev sendt" in client.get(response.url).content.decode()
    assert TEXT not in str(client.session.items())


def test_places_nobody_can_still_be_sitting_at_are_swept(staff_client: Any, alma: Any) -> None:
    old, new = staff_client(alma), staff_client(alma)
    alma.refresh_from_db()
    alma.seats[0]["at"] -= int(timedelta(hours=11).total_seconds())
    alma.save()

    assert services.sweep(services.clock.now()) == 1

    assert not inside(old) and inside(new)


def test_signing_in_begins_the_working_day(client: Client, alma: Any) -> None:
    first_step(client, alma)
    client.post(reverse("mfa_authenticate"), {"code": code()})

    assert abs(client.session["began"] - time.time()) < 60
    assert client.session["seat"] in {one["id"] for one in type(alma).objects.get(pk=alma.pk).seats}
