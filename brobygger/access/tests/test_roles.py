"""Who may do what: the table, and the doors that follow it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils.html import escape

from brobygger.access import guards, queries, services
from brobygger.access.models import Glass, Membership, User
from brobygger.access.roles import ROLES, Permission, Role
from brobygger.ground import clock
from brobygger.privacy import queries as trail

pytestmark = pytest.mark.django_db

P = Permission
NEVER_A_PERSON = {
    P.SEE_WORKLIST,
    P.OPEN_LETTER,
    P.ANSWER,
    P.OPEN_CONTACT,
    P.SEE_EVERY_DAY,
    P.SEE_VISIT_SLIP,
    P.BREAK_GLASS,
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("permission", list(Permission))
def test_a_role_gives_what_the_table_says_and_nothing_else(hire: Any, role: Role, permission: Permission) -> None:
    user = hire("hedda", role)

    assert guards.may(user, permission) is (permission in ROLES[role])
    if permission in ROLES[role]:
        guards.require(user, permission)
    else:
        with pytest.raises(guards.NotAllowed):
            guards.require(user, permission)


def test_the_table_keeps_the_promises_of_the_design() -> None:
    assert not ROLES[Role.COMMUNICATIONS] & NEVER_A_PERSON
    assert not ROLES[Role.PARTNER] & NEVER_A_PERSON
    assert ROLES[Role.OPERATOR] == {P.SEE_HEALTH}
    assert P.OPEN_LETTER not in ROLES[Role.ADMINISTRATOR] and P.OPEN_CONTACT in ROLES[Role.ADMINISTRATOR]
    assert P.OPEN_LETTER not in ROLES[Role.LEADER] and P.BREAK_GLASS in ROLES[Role.LEADER]
    assert [role for role in Role if P.BREAK_GLASS in ROLES[role]] == [Role.LEADER]


def test_without_a_role_everything_is_shut(hire: Any) -> None:
    assert queries.permissions(hire("hedda")) == frozenset()


def test_nobody_and_a_stranger_may_nothing() -> None:
    assert not any(guards.may(one, permission) for one in (None, AnonymousUser(), "alma") for permission in P)


def test_a_role_holds_from_its_day_and_ends_at_once(hire: Any, clara: Any) -> None:
    user = hire("hedda", Role.THERAPIST, since=clock.today() + timedelta(days=1))
    assert not guards.may(user, P.TAKE)

    services.give_role(user=user, role=Role.LEADER, by=clara)
    assert guards.may(user, P.SEE_NUMBERS)
    services.end_role(user=user, role=Role.LEADER, by=clara)
    assert not guards.may(user, P.SEE_NUMBERS)
    assert trail.trail(user)[-2:] == [("clara", "access.role_given"), ("clara", "access.role_ended")]


def test_one_who_has_left_may_nothing(alma: Any, clara: Any) -> None:
    assert guards.may(alma, P.TAKE)
    services.leave(user=alma, by=clara)

    assert not guards.may(alma, P.TAKE)
    assert queries.colleagues(P.TAKE) == []
    assert queries.person("alma") == alma


def test_colleagues_are_those_who_may(alma: Any, bo: Any, clara: Any, dan: Any, finn: Any) -> None:
    assert queries.colleagues(P.TAKE) == [alma, bo]
    assert queries.colleagues(P.HAND_OVER) == [alma, bo, clara]
    assert queries.colleagues(P.SEE_PARTNER) == [dan]


def test_a_page_one_may_not_see_does_not_exist(staff_client: Any, alma: Any, dan: Any) -> None:
    assert staff_client(alma).get(reverse("access:roles")).status_code == 200
    assert staff_client(dan).get(reverse("access:roles")).status_code == 404


def test_a_stranger_is_asked_to_sign_in(client: Any) -> None:
    response = client.get(reverse("access:roles"))

    assert response.url == f"{reverse('account_login')}?next={reverse('access:roles').replace('/', '%2F')}"


def test_the_guard_says_what_it_guards_and_takes_any_of_several(
    alma: Any, clara: Any, dan: Any, staff_client: Any
) -> None:
    @guards.guard(P.OPEN_LETTER, P.BREAK_GLASS)
    def page(request: Any) -> HttpResponse:
        return HttpResponse("in")

    assert page.guarded_by == (P.OPEN_LETTER, P.BREAK_GLASS)
    assert guards.guard(P.TAKE)(page).guarded_by == P.TAKE
    for user, comes_in in ((alma, True), (clara, True), (dan, False)):
        request = RequestFactory().get("/personale/")
        request.user, request.session = user, staff_client(user).session
        if comes_in:
            assert page(request).content == b"in"
        else:
            with pytest.raises(Http404):
                page(request)


def test_a_guard_without_a_permission_is_no_guard() -> None:
    with pytest.raises(TypeError):
        guards.guard()


def test_the_roles_page_shows_the_table_and_who_holds_what(staff_client: Any, alma: Any, clara: Any) -> None:
    page = staff_client(clara).get(reverse("access:roles"))
    text = page.content.decode()

    assert [str(permission.label) for permission in Permission if escape(str(permission.label)) not in text] == []
    assert text.count("<tr>") == len(Permission) + 1
    assert "Alma" in text and "Clara" in text


def test_the_tables_mark_changes_when_a_right_does(monkeypatch: pytest.MonkeyPatch) -> None:
    before = queries.table_mark()
    assert queries.table_mark() == before

    more = queries.ROLES | {Role.PARTNER: queries.ROLES[Role.PARTNER] | {Permission.OPEN_LETTER}}
    monkeypatch.setattr(queries, "ROLES", more)

    assert queries.table_mark() != before


def test_the_glass_breaks_for_a_reason_and_closes_after_an_hour(clara: Any, bo: Any, at: Any) -> None:
    at("2026-11-20T09:00")
    services.break_glass(about="thread:1", reason="Alma er syg, og svaret skal ud nu", by=clara)

    assert queries.glass_open(clara, "thread:1")
    assert not queries.glass_open(clara, "thread:2")
    assert not queries.glass_open(bo, "thread:1")
    assert trail.trail("thread:1") == [("clara", "access.glass_broken")]
    at("2026-11-20T10:01")
    assert not queries.glass_open(clara, "thread:1")


def test_the_glass_closes_with_the_role(clara: Any) -> None:
    services.break_glass(about="thread:1", reason="Alma er syg, og svaret skal ud nu", by=clara)

    services.end_role(user=clara, role=Role.LEADER, by="keeper")

    assert not queries.glass_open(clara, "thread:1")


@pytest.mark.parametrize("reason", ["", "syg", "          x"])
def test_the_glass_does_not_break_without_a_reason(clara: Any, reason: str) -> None:
    with pytest.raises(services.SayWhy):
        services.break_glass(about="thread:1", reason=reason, by=clara)

    assert not queries.glass_open(clara, "thread:1")
    assert trail.trail("thread:1") == []


def test_a_colleague_cannot_break_the_glass(bo: Any) -> None:
    with pytest.raises(guards.NotAllowed):
        services.break_glass(about="thread:1", reason="jeg er nysgerrig i dag", by=bo)

    assert not queries.glass_open(bo, "thread:1")


def test_the_database_refuses_a_glass_without_a_reason_and_one_that_never_closes(clara: Any) -> None:
    now = clock.now()
    for wrong in ({"reason": "kort", "until": now + timedelta(hours=1)}, {"reason": "lang nok grund", "until": now}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Glass.objects.create(user=clara, about="thread:1", broken_at=now, **wrong)


def test_the_database_refuses_what_cannot_be(alma: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=alma, role="leader", valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=alma, role="king")
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=alma, role="therapist")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="ALMA@huset.example", handle="alma2", first_name="Alma")


def test_the_calendar_address_is_told_once_and_kept_as_a_hash(staff_client: Any, alma: Any, bo: Any) -> None:
    client = staff_client(alma)
    page = client.post(reverse("access:open_calendar"))
    token = page.context["token"]

    assert queries.by_calendar_token(token) == alma
    assert token in page.content.decode()
    assert token not in client.get(reverse("access:me")).content.decode()
    alma.refresh_from_db()
    assert token not in alma.calendar_token
    assert queries.by_calendar_token("") is None and queries.by_calendar_token(alma.calendar_token) is None

    client.post(reverse("access:close_calendar"))
    assert queries.by_calendar_token(token) is None
    assert trail.trail(alma)[-2:] == [("alma", "access.calendar_opened"), ("alma", "access.calendar_closed")]


def test_the_calendar_is_not_opened_by_a_link(staff_client: Any, alma: Any) -> None:
    assert staff_client(alma).get(reverse("access:open_calendar")).status_code == 405


def test_a_page_knows_its_viewer_and_nobody_on_the_public_side(rf: RequestFactory, alma: Any) -> None:
    family = rf.get("/")
    staff = rf.get("/personale/")
    staff.user = alma

    assert guards.viewer(family)["viewer"] is None and not guards.viewer(family)["may"]["TAKE"]
    assert guards.viewer(staff)["viewer"] == alma and guards.viewer(staff)["may"]["TAKE"]


def test_hiring_refuses_a_short_password_and_half_a_hiring(hire: Any) -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        services.hire(
            email="kort@huset.example",
            handle="kort",
            first_name="Kort",
            title={},
            roles=[],
            password="kort",
            by="keeper",
        )
    with pytest.raises((IntegrityError, ValueError)), transaction.atomic():
        hire("forkert", "king")
    assert queries.person("kort") is None and queries.person("forkert") is None
