"""Coming in: a password opens nothing alone, and a family is never asked who they are."""

import time
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from brobygger.access import guards, queries, services
from brobygger.access.roles import Permission
from brobygger.access.tests.passkeys import passkey_of
from brobygger.privacy import queries as audit
from conftest import PASSWORD, TOTP_SECRET

pytestmark = pytest.mark.django_db


def code(secret: str = TOTP_SECRET) -> str:
    """The code a phone would show now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def first_step(client: Client, user: Any, password: str = PASSWORD) -> Any:
    """Write e-mail and password."""
    return client.post(reverse("account_login"), {"login": user.email, "password": password})


def test_a_password_alone_opens_nothing(client: Client, alma: Any) -> None:
    response = first_step(client, alma)

    assert response.url == reverse("mfa_authenticate")
    assert client.get(reverse("access:me")).url.startswith(reverse("account_login"))
    assert audit.trail(alma) == [("keeper", "access.hired"), ("keeper", "access.role_given")]


def test_password_and_code_open(client: Client, alma: Any) -> None:
    first_step(client, alma)
    response = client.post(reverse("mfa_authenticate"), {"code": code()})

    assert response.status_code == 302
    assert client.get(reverse("access:me")).status_code == 200
    assert audit.trail(alma)[-1] == ("alma", "access.signed_in")


def test_a_wrong_code_is_refused(client: Client, alma: Any) -> None:
    first_step(client, alma)
    wrong = f"{(int(code()) + 500_000) % 1_000_000:06}"
    response = client.post(reverse("mfa_authenticate"), {"code": wrong})

    assert response.status_code == 200
    assert "errors-heading" in response.content.decode()
    assert client.get(reverse("access:me")).status_code == 302
    assert audit.trail(alma)[-1] == ("nobody", "access.code_failed"), "somebody has her password"


def test_a_code_works_once(alma: Any) -> None:
    the_code = code()
    one, other = Client(), Client()
    for client in (one, other):
        first_step(client, alma)
        client.post(reverse("mfa_authenticate"), {"code": the_code})

    assert one.get(reverse("access:me")).status_code == 200
    assert other.get(reverse("access:me")).status_code == 302


def test_a_wrong_password_is_refused_and_leaves_a_trace(client: Client, alma: Any) -> None:
    response = first_step(client, alma, "not her words at all")

    assert response.status_code == 200
    assert "errors-heading" in response.content.decode()
    assert audit.trail(alma)[-1] == ("nobody", "access.sign_in_failed")


def test_an_unknown_address_gets_the_same_words(client: Client, alma: Any) -> None:
    known = first_step(client, alma, "not her words at all")
    unknown = client.post(
        reverse("account_login"), {"login": "nobody@huset.example", "password": "not her words at all"}
    )

    assert unknown.context["form"].non_field_errors() == known.context["form"].non_field_errors()


def test_the_address_may_be_typed_in_capitals(client: Client, alma: Any) -> None:
    response = client.post(reverse("account_login"), {"login": "ALMA@Huset.Example", "password": PASSWORD})

    assert response.url == reverse("mfa_authenticate")


def test_one_who_has_left_does_not_come_in(client: Client, alma: Any, clara: Any, staff_client: Any) -> None:
    inside = staff_client(alma)
    assert inside.get(reverse("access:me")).status_code == 200

    services.leave(user=alma, by=clara)

    assert inside.get(reverse("access:me")).status_code == 302
    assert first_step(client, alma).status_code == 200


def test_a_new_person_sets_up_the_phone_before_anything_opens(client: Client, hire: Any) -> None:
    new = hire("ny", "therapist", totp_secret=None)
    first_step(client, new)

    stopped = client.get(reverse("access:me"))
    assert stopped.url.startswith(reverse("mfa_activate_totp"))

    page = client.get(stopped.url)
    assert page.status_code == 200
    assert b"<svg" in page.content and b'src="data' not in page.content
    response = client.post(reverse("mfa_activate_totp"), {"code": code(page.context["form"].secret)})
    assert response.url == reverse("mfa_view_recovery_codes")
    codes = client.get(response.url)
    assert len(codes.context["unused_codes"]) == 10
    deeds = [what for _who, what in audit.trail(new)]
    assert deeds[-3:] == ["access.phone_added", "access.codes_made", "access.codes_seen"]
    assert client.get(reverse("access:me")).status_code == 200


def test_a_spare_code_opens_once(hire: Any) -> None:
    new, client = hire("ny", "therapist"), Client()
    first_step(client, new)
    client.post(reverse("mfa_authenticate"), {"code": code()})
    client.post(reverse("mfa_generate_recovery_codes"))
    spare = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"][0]
    assert audit.trail(new)[-2:] == [("ny", "access.codes_made"), ("ny", "access.codes_seen")]

    for expected in (200, 302):
        later = Client()
        first_step(later, new)
        later.post(reverse("mfa_authenticate"), {"code": spare})
        assert later.get(reverse("access:me")).status_code == expected


def test_the_old_phone_works_until_the_new_one_is_proven(staff_client: Any, alma: Any) -> None:
    client, elsewhere = staff_client(alma), staff_client(alma)
    spare = Authenticator.objects.create(user=alma, type="recovery_codes", data={})
    old = Authenticator.objects.get(user=alma, type="totp")
    address = reverse("mfa_deactivate_totp")

    page = client.get(address)
    assert "Din gamle telefon virker, til" in page.content.decode()
    secret = page.context["form"].secret
    wrong = f"{(int(code(secret)) + 500_000) % 1_000_000:06}"
    for told in ({}, {"code": wrong}):
        assert client.post(address, told).status_code == 200
        assert Authenticator.objects.filter(pk=old.pk).exists()
    assert elsewhere.get(reverse("access:me")).status_code == 200

    assert client.post(address, {"code": code(secret)}).status_code == 302
    new = Authenticator.objects.get(user=alma, type="totp")
    assert new.pk != old.pk and Authenticator.objects.filter(pk=spare.pk).exists()
    assert client.get(reverse("access:me")).status_code == 200
    assert elsewhere.get(reverse("access:me")).status_code == 302
    deeds = [what for _who, what in audit.trail(alma)]
    assert deeds[-3:] == ["access.phone_removed", "access.signed_out_elsewhere", "access.phone_added"]


def test_a_phone_is_laid_away_when_a_passkey_is_left(staff_client: Any, alma: Any) -> None:
    client, elsewhere = staff_client(alma), staff_client(alma)
    passkey_of(alma)

    response = client.post(reverse("mfa_deactivate_totp"))

    assert response.url == reverse("mfa_activate_totp")
    assert [one.type for one in Authenticator.objects.filter(user=alma)] == ["webauthn"]
    assert client.get(reverse("access:me")).status_code == 302
    assert elsewhere.get(reverse("access:me")).status_code == 302
    assert ("alma", "access.phone_removed") in audit.trail(alma)


def test_the_last_passkey_stays(staff_client: Any, alma: Any) -> None:
    client = staff_client(alma)
    one, other = passkey_of(alma), passkey_of(alma, "Min anden")
    Authenticator.objects.filter(user=alma, type="totp").delete()
    Authenticator.objects.create(user=alma, type="recovery_codes", data={})
    elsewhere = staff_client(alma)

    client.post(reverse("mfa_remove_webauthn", kwargs={"pk": one.pk}))
    assert not Authenticator.objects.filter(pk=one.pk).exists()
    assert client.get(reverse("access:me")).status_code == 200
    assert elsewhere.get(reverse("access:me")).status_code == 302
    trail = audit.trail(alma)

    refused = client.post(reverse("mfa_remove_webauthn", kwargs={"pk": other.pk}), follow=True)
    assert "Det er din eneste nøgle" in refused.content.decode()
    assert Authenticator.objects.filter(user=alma).count() == 2
    assert audit.trail(alma) == trail


def test_the_second_factor_lies_sealed_in_the_database(alma: Any) -> None:
    stored = str(Authenticator.objects.get(user=alma).data)

    assert TOTP_SECRET not in stored


def test_signing_out_closes(staff_client: Any, alma: Any) -> None:
    client = staff_client(alma)

    assert client.get(reverse("account_logout")).status_code == 200
    assert client.get(reverse("access:me")).status_code == 200
    client.post(reverse("account_logout"))
    assert client.get(reverse("access:me")).status_code == 302


def test_a_form_from_another_page_is_refused(alma: Any) -> None:
    careful = Client(enforce_csrf_checks=True)

    response = careful.post(reverse("account_login"), {"login": alma.email, "password": PASSWORD})

    assert response.status_code == 403


def test_a_new_password_is_set_and_the_person_stays_in(staff_client: Any, alma: Any) -> None:
    client = staff_client(alma)
    form = {"oldpassword": PASSWORD, "password1": "four other words here", "password2": "four other words here"}

    assert client.post(reverse("account_change_password"), {**form, "oldpassword": "no"}).status_code == 200
    assert client.post(reverse("account_change_password"), form).status_code == 302
    alma.refresh_from_db()
    assert alma.check_password("four other words here")
    assert client.get(reverse("access:me")).status_code == 200


def test_the_public_side_has_no_cookie_and_nobody(client: Client, staff_client: Any, alma: Any, settings: Any) -> None:
    for browser in (client, staff_client(alma)):
        response = browser.get("/")

        assert not response.cookies
        assert not hasattr(response.wsgi_request, "user")
        assert not hasattr(response.wsgi_request, "session")


def test_staff_cookies_stay_on_the_staff_side(client: Client, settings: Any) -> None:
    cookies = client.get(reverse("account_login")).cookies

    assert {(cookie.key, cookie["path"]) for cookie in cookies.values()} == {
        (settings.CSRF_COOKIE_NAME, path) for path in settings.STAFF_PATHS
    }


def test_the_staff_paths_are_where_the_pages_are(settings: Any) -> None:
    for language, path in zip(("da", "en"), settings.STAFF_PATHS, strict=True):
        with override(language):
            assert reverse("account_login").startswith(path)


def test_a_fragment_asks_the_whole_page_to_sign_in(client: Client) -> None:
    response = client.get(reverse("access:me"), headers={"hx-request": "true"})

    assert response.headers["HX-Redirect"] == reverse("account_login")


def test_codes_are_shown_in_the_demo(client: Client, alma: Any, settings: Any) -> None:
    settings.DEMO, settings.DEMO_PASSWORD = True, PASSWORD

    page = client.get(reverse("account_login")).content.decode()
    assert code() in page and PASSWORD in page and alma.email in page

    first_step(client, alma)
    assert code() in client.get(reverse("mfa_authenticate")).content.decode()


def test_codes_are_not_shown_in_a_real_house(client: Client, alma: Any, settings: Any) -> None:
    settings.DEMO = False

    response = client.get(reverse("account_login"))
    page = response.content.decode()
    assert code() not in page and alma.email not in page and "demo" not in page.lower()
    assert "demo_people" not in response.context

    first_step(client, alma)
    assert code() not in client.get(reverse("mfa_authenticate")).content.decode()


def test_nobody_signs_up_and_nobody_forgets_by_mail(client: Client) -> None:
    for gone in ("signup/", "tilmeld/", "password/reset/", "kodeord/glemt/"):
        assert client.get(reverse("account_login").rsplit("/", 2)[0] + "/" + gone).status_code == 404


def test_one_who_lost_the_phone_is_let_in_again(staff_client: Any, alma: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = staff_client(alma)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "entirely new words")

    call_command("let_in", "alma", stdout=StringIO())

    assert inside.get(reverse("access:me")).status_code == 302
    client = Client()
    assert first_step(client, alma).status_code == 200
    first_step(client, alma, "entirely new words")
    assert client.get(reverse("access:me")).url.startswith(reverse("mfa_activate_totp"))


def test_somebody_is_hired_from_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ["hire", "hedda", "--email", "Hedda@huset.example", "--name", "Hedda", "--role", "leader"]
    monkeypatch.setattr("getpass.getpass", lambda prompt: "kort")
    with pytest.raises(CommandError):
        call_command(*arguments, stdout=StringIO())
    assert queries.person("hedda") is None

    monkeypatch.setattr("getpass.getpass", lambda prompt: PASSWORD)
    call_command(*arguments, stdout=StringIO())
    assert guards.may(queries.person("hedda"), Permission.SEE_NUMBERS)
    with pytest.raises(CommandError):
        call_command(*arguments, stdout=StringIO())
