"""Secret calendar addresses: the same dates as the page, nothing about anybody, and taken back at once."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import icalendar
import pytest
import recurring_ical_events
from django.urls import reverse

from brobygger.access import services as access
from brobygger.access.roles import Role
from brobygger.backups import rows as copied
from brobygger.calendars import queries, rules, services
from brobygger.calendars.models import Feed
from brobygger.catalogue.models import OpenGroup
from brobygger.ground import clock
from brobygger.groups import queries as seating
from brobygger.groups import services as groups
from brobygger.groups.models import Group, Meeting
from brobygger.groups.tests.made import again, at_local, make
from brobygger.privacy import queries as privacy
from brobygger.privacy.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday(furnished, at):
    at("2026-03-02 09:00")


@pytest.fixture
def stars(finn, alma) -> Group:
    """The Stars: every other Thursday from three to five in Glostrup, room 1, open; Alma leads."""
    return make(finn, leaders=[alma], leaders_at_once=1, state="open")


def address(user: Any, shows: str = "mine", **more: Any) -> str:
    """Make a calendar address."""
    _feed, token = services.make_feed(user=user, shows=shows, by=user, **more)
    return reverse("calendars:feed", args=[token])


def read(client: Any, path: str) -> icalendar.Calendar:
    """Read a calendar as a telephone does."""
    answer = client.get(path)
    assert answer.status_code == 200 and answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert not answer.cookies
    return icalendar.Calendar.from_ical(answer.content)


def shown(file: icalendar.Calendar) -> list[tuple[datetime, datetime]]:
    """List when something is on, as a program that is not ours understands it."""
    events = recurring_ical_events.of(file).between(date(2026, 1, 1), date(2030, 1, 1))
    return sorted((each.start, each.end) for each in events if each.get("status") != "CANCELLED")


def kept(user: Any, **more: Any) -> list[tuple[datetime, datetime]]:
    """List when something is on, as the week's page does."""
    rows = seating.between(user, clock.today() - queries.BACK, clock.today() + queries.ON, **more)
    return sorted((each.starts_at, each.ends_at) for each in rows if each.state != "cancelled")


# ---- What it says ----


def test_a_year_with_two_changes_of_the_clock_a_move_and_a_meeting_called_off(stars, alma, finn, client):
    first, second, third = Meeting.objects.filter(group=stars).order_by("number")[:3]
    groups.move_meeting(
        meeting=second, starts_at=at_local("2026-03-20 10:00"), ends_at=at_local("2026-03-20 12:00"),
        place="glostrup", room=2, by=finn,
    )  # fmt: skip
    groups.cancel_meeting(meeting=third, by=finn)

    file = read(client, address(alma))

    assert shown(file) == kept(alma, own=True) and len(shown(file)) >= 20
    walls = {start.astimezone(clock.TZ).time() for start, _end in shown(file)}
    assert walls == {time(15), time(10)} and len({start.utcoffset() for start, _end in shown(file)}) == 2
    (zone,) = file.walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/Copenhagen"
    ruled = [event for event in file.walk("VEVENT") if "RRULE" in event]
    assert len(ruled) == 1 and "EXDATE" in ruled[0] and any("RECURRENCE-ID" in each for each in file.walk("VEVENT"))
    assert first.starts_at in [start for start, _end in shown(file)]


def test_what_is_called_off_is_said_twice_over(stars, alma, finn, client):
    """In the words too: some calendars do not know the mark."""
    third = Meeting.objects.filter(group=stars).order_by("number")[2]
    groups.cancel_meeting(meeting=third, by=finn)

    events = read(client, address(alma)).walk("VEVENT")
    (off,) = [each for each in events if each.get("status") == "CANCELLED"]
    assert off.start == third.starts_at and off["SUMMARY"].startswith("Aflyst: ")
    groups.hold_after_all(meeting=again(third), by=finn)
    assert not [each for each in read(client, address(alma)).walk("VEVENT") if each.get("status") == "CANCELLED"]


def test_ids_stay_and_the_number_counts_up(stars, alma, finn, client):
    path = address(alma)
    before = {str(each["UID"]): int(each["SEQUENCE"]) for each in read(client, path).walk("VEVENT")}
    meeting = Meeting.objects.filter(group=stars).order_by("number")[1]
    groups.move_meeting(
        meeting=meeting, starts_at=meeting.starts_at + timedelta(hours=1), ends_at=meeting.ends_at + timedelta(hours=1),
        place="glostrup", room=1, by=finn,
    )  # fmt: skip

    after = {str(each["UID"]): int(each["SEQUENCE"]) for each in read(client, path).walk("VEVENT")}
    assert after.keys() == before.keys()
    assert all(after[uid] > before[uid] for uid in before)


def test_an_old_group_has_no_line_for_each_day_gone_by(stars, alma, client, at):
    at("2027-01-11 09:00")
    groups.extend(by="keeper")

    file = read(client, address(alma))
    assert shown(file) == kept(alma, own=True)
    (ruled,) = [event for event in file.walk("VEVENT") if "RRULE" in event]
    assert ruled.start.date() >= date(2026, 12, 28)
    left_out = ruled.get("EXDATE", [])
    assert all(each.dt.date() > date(2026, 12, 28) for each in getattr(left_out, "dts", []))


def test_a_lock_screen_learns_when_and_where_and_nothing_else(stars, alma, finn, client):
    make(finn, name="Babyer", offer="babygruppe", kind="pair", months_from=0, months_to=13, room=2, leaders=[alma],
         first=date(2026, 3, 3))  # fmt: skip
    answer = client.get(address(alma))
    words = answer.content.decode().replace("\r\n ", "")

    events = read(client, address(alma)).walk("VEVENT")
    assert {str(each["SUMMARY"]) for each in events} == {"Gruppe 10–13", "Gruppe, de små"}
    assert all(str(each["LOCATION"]).startswith("Glostrup, rum ") for each in events)
    assert all(each["CLASS"] == "PRIVATE" and "DTSTAMP" in each for each in events)
    for secret in ("Stjernerne", "Babyer", "babygruppe", "Alma", "alma", "Dit Rum", "misbrug", "alkohol", "http"):
        assert secret not in words
    assert not {name for each in events for name in each} & {"DESCRIPTION", "ATTENDEE", "ORGANIZER", "URL", "CONTACT"}


@pytest.mark.parametrize("moment", ["2026-03-03T00:10", "2026-07-02T01:30", "2026-03-02T23:50"])
def test_no_calendar_is_stamped_in_the_future(stars, alma, client, at, moment):
    now = at(moment)
    stamps = {each["dtstamp"].dt for each in read(client, address(alma)).walk("VEVENT")}
    assert len(stamps) == 1 and max(stamps) <= now


def test_what_has_not_changed_is_not_sent_again(stars, alma, finn, client):
    path = address(alma)
    first = client.get(path)
    assert first["ETag"] and first["Cache-Control"] == "private, no-cache"

    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert client.get(path)["ETag"] == first["ETag"]
    groups.cancel_meeting(meeting=Meeting.objects.filter(group=stars).first(), by=finn)
    again_ = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert again_.status_code == 200 and again_["ETag"] != first["ETag"]


# ---- Which groups ----


@pytest.fixture
def others(finn, bo) -> Group:
    """Bo's group, in Hillerød, in the other weeks."""
    return make(finn, first=date(2026, 3, 11), name="Andre", place="hilleroed", leaders=[bo], leaders_at_once=1)


def test_mine_one_group_a_place_and_the_house(stars, others, alma, bo, finn, client):
    mine, all_ = kept(alma, own=True), kept(finn)
    assert shown(read(client, address(alma))) == mine and mine != all_
    assert shown(read(client, address(alma, "house"))) == all_ == shown(read(client, address(finn, "house")))
    assert shown(read(client, address(finn, "place", place="hilleroed"))) == kept(finn, place="hilleroed")
    assert shown(read(client, address(alma, "group", group=others))) == kept(alma, group=others)
    assert shown(read(client, address(finn))) == []


def test_who_stands_in_has_that_evening_and_who_is_away_has_not(stars, alma, bo, finn, client):
    meeting = Meeting.objects.filter(group=stars).order_by("number")[1]
    groups.stand_in(meeting=meeting, out=alma, into=bo, by=finn)

    assert shown(read(client, address(bo))) == [(meeting.starts_at, meeting.ends_at)]
    assert (meeting.starts_at, meeting.ends_at) not in shown(read(client, address(alma)))
    assert shown(read(client, address(alma))) == kept(alma, own=True)


# ---- Who has it, and for how long ----


def test_the_secret_is_told_once_and_only_its_hash_is_kept(alma):
    feed, token = services.make_feed(user=alma, shows="house", by=alma)

    assert len(token) >= 43, "256 bits"
    assert bytes(again(feed).token) == rules.token_hash(token) and token.encode() not in bytes(again(feed).token)
    assert list(AuditEntry.objects.filter(action="calendars.feed_made").values_list("reason", flat=True)) == ["house"]
    assert services.make_feed(user=alma, shows="house", by=alma)[1] != token


def test_unknown_revoked_and_forbidden_are_the_same_nothing(stars, alma, bo, clara, client):
    path, feed = address(alma), Feed.objects.get()
    nothing = client.get(reverse("calendars:feed", args=["x" * 43]))
    assert nothing.status_code == 404
    services.revoke_feed(feed=feed, by=alma)
    gone = client.get(path)
    token = path.split("/")[-1]
    assert (gone.status_code, gone.content.decode().replace(token, "")) == (
        404,
        nothing.content.decode().replace("x" * 43 + ".ics", ""),
    )
    services.revoke_feed(feed=feed, by=alma)
    assert AuditEntry.objects.filter(action="calendars.feed_revoked").count() == 1

    left = address(bo)
    assert client.get(left).status_code == 200
    access.end_role(user=bo, role=Role.THERAPIST, by=clara)
    assert client.get(left).status_code == 404
    fresh = address(alma, "house")
    access.leave(user=alma, by=clara)
    assert client.get(fresh).status_code == 404
    hashed = reverse("calendars:feed", args=[bytes(feed.token).hex()])
    assert client.get(hashed).status_code == 404, "what lies in the table opens nothing"


def test_an_older_copy_does_not_open_a_revoked_address_again(alma):
    (lost, _), (kept, _) = (services.make_feed(user=alma, shows="house", by=alma) for _time in range(2))
    in_copy = [{field.attname: getattr(each, field.attname) for field in Feed._meta.fields} for each in (lost, kept)]
    services.revoke_feed(feed=lost, by=alma)
    dead = copied.Dead(privacy.buried())
    assert [dead.takes(Feed, row) for row in in_copy] == [True, False]


@pytest.mark.parametrize("who", ["gro", "dan", "operator"])
def test_nobody_else_makes_an_address(who, request):
    somebody = request.getfixturevalue(who)
    with pytest.raises(Exception, match="make_feeds"):
        services.make_feed(user=somebody, shows="house", by=somebody)
    assert not Feed.objects.exists()


@pytest.mark.parametrize(
    "said", [{"shows": "group"}, {"shows": "place"}, {"shows": "house", "place": "glostrup"}, {"shows": "moon"}]
)
def test_an_address_shows_something_that_is(alma, said):
    with pytest.raises((services.NotSound, ValueError)):
        services.make_feed(user=alma, by=alma, **said)
    assert not Feed.objects.exists()


# ---- The page ----


def test_the_page_makes_one_shows_it_once_and_takes_it_back(stars, alma, staff_client, client):
    browser, page = staff_client(alma), reverse("calendars:feeds")
    made = browser.post(page, {"what": f"group:{stars.pk}"}).content.decode()
    (path,) = re.findall(r'value="http://testserver([^"]+\.ics)"', made)

    assert client.get(path).status_code == 200
    later = browser.get(page).content.decode()
    assert ".ics" not in later and "Stjernerne" in later
    feed = Feed.objects.get()
    assert browser.post(page, {"revoke": str(feed.pk)}).status_code == 302
    assert client.get(path).status_code == 404
    assert f'value="{feed.pk}"' not in browser.get(page).content.decode()


def test_nobody_takes_back_what_is_a_colleagues(alma, bo, staff_client):
    feed, _token = services.make_feed(user=alma, shows="house", by=alma)
    for ident in (feed.pk, uuid4(), "moon"):
        assert staff_client(bo).post(reverse("calendars:feeds"), {"revoke": str(ident)}).status_code == 404
    assert (
        again(feed).revoked_on is None
        and str(feed.pk) not in staff_client(bo).get(reverse("calendars:feeds")).content.decode()
    )


@pytest.mark.parametrize("what", ["", "moon", "group:moon", "place:mars", "mine"])
def test_a_choice_that_is_none_is_said_kindly(finn, staff_client, what):
    answer = staff_client(finn).post(reverse("calendars:feeds"), {"what": what})
    assert answer.status_code == 422 and 'id="what-error"' in answer.content.decode()
    assert not Feed.objects.exists()


def test_who_has_the_page(request, staff_client):
    for who, status in {"alma": 200, "finn": 200, "clara": 200, "gro": 404, "dan": 404, "operator": 404}.items():
        assert staff_client(request.getfixturevalue(who)).get(reverse("calendars:feeds")).status_code == status, who


# ---- What the public finder is told ----


def test_the_public_is_told_a_word_for_the_seats_and_the_next_days(stars, finn):
    row = OpenGroup.objects.get(group=stars.pk)
    assert (row.weeks, row.dates[0], row.places, row.rolling) == ("even", "2026-03-05", "free", True)
    assert (row.months_from, row.months_to, row.place, row.begins) == (120, 168, "glostrup", time(15))

    Group.objects.filter(pk=stars.pk).update(seats=2, language="uk")
    assert groups.publish(by="machine") and OpenGroup.objects.get().places == "few"
    assert (row.language, OpenGroup.objects.get().language) == ("", "uk")
    assert not groups.publish(by="machine")
    groups.cancel_meeting(meeting=Meeting.objects.filter(group=stars).order_by("number").first(), by=finn)
    groups.publish(by="machine")
    assert "2026-03-05" not in OpenGroup.objects.get().dates


def test_a_planned_group_is_shown_when_it_is_opened_and_not_before(finn):
    planned = make(finn)
    parents = make(finn, name="Forældre", kind="parent", beside=planned, rule="", room=2)
    assert not groups.publish(by="machine") and not OpenGroup.objects.exists()

    groups.open_group(group=planned, by=finn)
    assert not OpenGroup.objects.get(group=planned.pk).parents_too, "the parents' group is not open"

    groups.open_group(group=parents, by=finn)
    assert OpenGroup.objects.get().parents_too


def test_a_fixed_group_and_one_without_dates_are_shown_only_while_one_may_begin(stars, finn, at):
    fixed = make(finn, first=date(2026, 3, 3), name="Fast", room=2, intake="fixed", state="open")
    row = OpenGroup.objects.get(group=fixed.pk)
    assert (row.rolling, row.dates) == (False, ["2026-03-03"])
    at("2026-03-04T09:00")
    groups.publish(by="machine")
    assert [each.group for each in OpenGroup.objects.all()] == [stars.pk]


def test_what_is_not_public_beside_another_or_closed_is_not_told(stars, finn):
    make(finn, first=date(2026, 3, 12), name="Stille", room=2, public=False, state="open")
    beside = make(finn, name="Forældre", offer="foraeldregruppe", kind="parent", beside=stars, rule="", room=3,
                  months_from=216, months_to=1200, state="open")  # fmt: skip
    assert [each.group for each in OpenGroup.objects.all()] == [stars.pk] and OpenGroup.objects.get().parents_too
    assert beside.beside_id == stars.pk
    alone = make(finn, first=date(2026, 3, 12), name="Voksne", offer="foraeldregruppe", kind="parent", room=4,
                 months_from=216, months_to=1200, state="open")  # fmt: skip
    assert OpenGroup.objects.get(group=alone.pk).months_to is None
    groups.close_group(group=stars, on=date(2026, 3, 2), by=finn)
    assert [each.group for each in OpenGroup.objects.all()] == [alone.pk]
