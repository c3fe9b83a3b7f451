"""Every page of the worklist, the appointments and the day, for everybody who works here: the whole table."""

import pytest
from django.test import Client
from django.urls import reverse

from brobygger.appointments import urls as appointments
from brobygger.appointments.tests.families import book
from brobygger.intake import services
from brobygger.intake import urls as intake
from brobygger.intake.models import Enquiry
from brobygger.privacy import queries as privacy
from brobygger.today import urls as today
from tests.letters import keeper

pytestmark = pytest.mark.django_db

#: Who stands where. Alma has the thread, Bo is her colleague; then one of each other role.
PEOPLE = ("alma", "bo", "finn", "clara", "gro", "dan", "operator")
#: Page, what is sent (None: it is only looked at), and the answers in that order. Nothing sent here changes anything
#: but the last, which comes last.
TABLE = (
    ("today:front", None, "302 302 302 302 302 302 302"),
    ("today:morning", None, "404 404 200 404 404 404 404"),
    ("today:gauges", None, "404 404 404 200 404 404 404"),
    ("today:day", None, "200 200 200 200 404 404 404"),
    ("today:week", None, "200 200 200 200 404 404 404"),
    ("today:rooms", None, "200 200 200 200 404 404 404"),
    ("today:health", None, "404 404 404 404 404 404 200"),
    ("intake:worklist", None, "200 200 200 200 404 404 404"),
    ("today:looks", None, "404 404 404 200 404 404 404"),
    ("today:family_looks", None, "404 404 404 200 404 404 404"),
    ("today:spoken", {"word": "Intet"}, "404 404 404 302 404 404 404"),
    ("today:tonight", None, "200 200 404 404 404 404 404"),
    ("today:find", None, "200 200 200 200 404 404 404"),
    ("intake:call", None, "200 200 200 404 404 404 404"),
    ("intake:undo_call", {}, "302 302 302 404 404 404 404"),
    ("intake:thread", None, "200 404 200 200 404 404 404"),
    ("intake:take", {}, "302 404 404 404 404 404 404"),
    ("intake:answer", {}, "422 404 404 404 404 404 404"),
    ("intake:agree", {}, "422 404 404 404 404 404 404"),
    ("intake:signpost", {}, "422 404 404 404 404 404 404"),
    ("intake:end", {}, "422 404 404 404 404 404 404"),
    ("intake:hand_over", {"to": "alma"}, "302 404 404 302 404 404 404"),
    ("intake:contact", {"reason": "En god grund"}, "200 404 200 404 404 404 404"),
    ("intake:break_glass", {"reason": ""}, "404 404 404 302 404 404 404"),
    ("appointments:hours", None, "200 200 404 404 404 404 404"),
    ("appointments:slip", None, "200 404 404 404 404 404 404"),
    ("appointments:call_off", {}, "302 404 404 404 404 404 404"),
)
ABOUT_A_THREAD = {"thread", "take", "answer", "agree", "signpost", "end", "hand_over", "contact", "break_glass"}
SENT = [name for name, data, _answers in TABLE if data is not None]


@pytest.fixture
def paths(ea, alma, bo) -> dict[str, str]:
    """Ea's thread, which Alma has, with a number to ring and a visit today."""
    services.take(enquiry=Enquiry.objects.get(thread=ea.thread), by=alma)
    ea.asks("reach", phone="20304050", channel="call", when="any")
    visit = book(ea, alma, "2026-11-23T12:00", where="home")
    parts = {name: ea.thread.pk for name in ABOUT_A_THREAD} | {"slip": visit.pk, "call_off": visit.pk}
    names = [name for name, _data, _answers in TABLE]
    return {name: reverse(name, args=[parts[last]] if (last := name.split(":")[1]) in parts else []) for name in names}


@pytest.mark.parametrize("who", PEOPLE)
def test_each_finds_the_pages_of_their_work_and_no_others(who: str, paths, ea, request, staff_client) -> None:
    browser = staff_client(request.getfixturevalue(who))
    seen, meant = {}, {}

    for name, data, answers in TABLE:
        answer = browser.get(paths[name]) if data is None else browser.post(paths[name], data)
        seen[name] = answer.status_code
        meant[name] = int(answers.split()[PEOPLE.index(who)])
        assert answer.status_code == 404 or answer["Cache-Control"].count("no-store") == 1

    assert seen == meant
    keeper()
    acted = [action for by, action in privacy.trail(ea.thread) if by == who]
    assert acted == [] or who in ("alma", "finn", "clara")


def test_a_stranger_is_sent_to_the_door_and_password_alone_to_the_second(paths, alma) -> None:
    signed_in_by_half = Client()
    signed_in_by_half.force_login(alma)

    for browser, there in ((Client(), reverse("account_login")), (signed_in_by_half, reverse("mfa_reauthenticate"))):
        for name, data, _answers in TABLE:
            answer = browser.get(paths[name]) if data is None else browser.post(paths[name], data)
            assert (answer.status_code, answer.url.split("?")[0]) == (302, there), name


def test_a_deed_is_sent_and_never_only_looked_at(paths, ea, alma, clara, staff_client) -> None:
    before = privacy.trail(ea.thread)

    for name in SENT:
        viewer = clara if name in ("intake:break_glass", "today:spoken") else alma
        assert staff_client(viewer).get(paths[name]).status_code == 405, name

    assert privacy.trail(ea.thread) == before


def test_every_page_here_stands_in_the_table() -> None:
    rooms = (appointments, intake, today)
    named = {f"{room.app_name}:{pattern.name}" for room in rooms for pattern in room.urlpatterns}
    assert named - {name for name, _data, _answers in TABLE} == {"appointments:feed"}, "behind a secret address"
