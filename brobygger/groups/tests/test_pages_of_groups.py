"""The pages an administrator arranges groups on: who may open them, what they say, and that nothing typed is lost."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from brobygger.casework.tests import families
from brobygger.ground import clock
from brobygger.groups import services
from brobygger.groups.models import Group, Meeting, Seat

Desk = Callable[[Any], Client]

#: What somebody types for a children's group on Tuesdays in odd weeks.
TYPED = {
    "offer": "gruppe", "name": "Tirsdagsgruppen", "kind": "child", "where": "glostrup:1", "public": "on",
    "weekday": "1", "rhythm": "odd", "starts_on": "2026-11-24", "begins": "15:30", "ends": "17:30",
    "length": "on", "when_closed": "skip", "skips_weeks": "7, 8", "age_unit": "years", "age_from": "9", "age_to": "11",
    "siblings_to": "14", "seats": "8", "smallest": "4", "intake": "rolling", "newcomers": "2", "talks_before": "1",
    "leaders_at_once": "2", "leader_0": "alma",
}  # fmt: skip


@pytest.fixture
def monday(furnished: Any, at: Any) -> datetime:
    """A Monday morning in week 48."""
    return at("2026-11-23T08:15")


@pytest.fixture
def group(monday: Any, alma: Any, finn: Any) -> Group:
    """A children's group that Alma leads, from tomorrow, every other week."""
    return made(finn, alma)


def made(by: Any, *leaders: Any, **more: Any) -> Group:
    """Make a group on Tuesdays, from the 24th of November 2026."""
    said = {
        "offer": "gruppe", "name": "Tirsdagsgruppen", "kind": "child", "place": "glostrup", "room": 1,
        "rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;WKST=MO", "starts_on": date(2026, 11, 24), "begins": time(15, 30),
        "ends": time(17, 30), "seats": 8, "months_from": 108, "months_to": 144, "state": "open", "leaders": leaders,
    } | more  # fmt: skip
    return services.make_group(said=said, by=by, once=uuid4())


def seated(group: Group, course: Any, chair: int = 1) -> Seat:
    """Give a child a seat."""
    return Seat.objects.create(group=group, member=families.person(course, 2), chair=chair, state="taken")


def page(name: str, **kwargs: Any) -> str:
    """Find an address."""
    return reverse(f"groups:{name}", kwargs=kwargs)


def text(answer: Any) -> str:
    """Read a page in one line."""
    return " ".join(answer.content.decode().split())


# ---- Who may ----


def test_who_must_not_see_groups_finds_nothing(
    group: Group, staff_client: Desk, dan: Any, gro: Any, operator: Any, client: Client
) -> None:
    first = group.meetings.first()
    assert first is not None
    pages = [page("list"), page("make"), page("group", group=group.pk), page("change", group=group.pk)]
    pages += [page(name, meeting=first.pk) for name in ("meeting_move", "meeting_cancel", "stand_in")]
    for somebody in (dan, gro, operator):
        desk = staff_client(somebody)
        assert {desk.get(where).status_code for where in pages} == {404}
    assert all(client.get(where).status_code == 302 for where in pages)


def test_a_therapist_who_leads_nothing_sees_the_group_and_nobody_in_it(
    group: Group, staff_client: Desk, alma: Any, bo: Any
) -> None:
    seated(group, families.begin(alma))
    desk = staff_client(bo)
    assert "Tirsdagsgruppen" in text(desk.get(page("list")))
    shown = text(desk.get(page("group", group=group.pk)))
    assert "7 af 8" in shown and "Liv" not in shown
    assert "Flyt" not in shown
    for name in ("change", "leaders", "close"):
        assert desk.get(page(name, group=group.pk)).status_code == 404
        assert desk.post(page(name, group=group.pk)).status_code == 404
    assert desk.post(page("group", group=group.pk)).status_code == 404
    assert desk.get(page("make")).status_code == 404


def test_a_group_nobody_has_made_is_not_there(monday: Any, staff_client: Desk, finn: Any) -> None:
    desk = staff_client(finn)
    assert desk.get(page("group", group=uuid4())).status_code == 404
    assert desk.get(page("meeting_move", meeting=uuid4())).status_code == 404


# ---- Making ----


def test_the_dates_are_shown_before_anything_is_kept(monday: Any, staff_client: Desk, alma: Any, finn: Any) -> None:
    answer = staff_client(finn).post(page("make"), TYPED | {"dates_only": ""})
    shown = text(answer)
    assert answer.status_code == 422 and not Group.objects.exists()
    rows = answer.context["rows"]
    assert [each.day for each in rows if each.meets][:3] == [date(2026, 12, 1), date(2026, 12, 15), date(2027, 1, 12)]
    left_out = {each.day: each.why for each in rows if not each.meets}
    assert left_out[date(2026, 12, 29)] == "vi har lukket" and date(2027, 2, 23) in left_out
    assert "Tirsdagsgruppen" in shown, "what was typed is still there"


def test_a_group_is_made_with_its_dates_and_who_leads(monday: Any, staff_client: Desk, alma: Any, finn: Any) -> None:
    once = str(uuid4())
    desk = staff_client(finn)
    for _twice in range(2):
        answer = desk.post(page("make"), TYPED | {"once": once})
        assert answer.status_code == 302, text(answer)
    row = Group.objects.get()
    assert (row.months_from, row.months_to, row.siblings_to) == (108, 144, 180)
    assert (row.place, row.room, row.starts_on, row.skips_weeks) == ("glostrup", 1, date(2026, 12, 1), [7, 8])
    assert [each.user for each in row.leaders.all()] == [alma]
    assert row.meetings.count() > 20
    shown = text(desk.get(page("group", group=row.pk)))
    assert "9–11 år" in shown and "Alma" in shown and "op til 14 år" in shown


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"ends": "14:00"}, "ends"),
        ({"age_to": "7"}, "age_to"),
        ({"siblings_to": "10"}, "siblings_to"),
        ({"skips_weeks": "7, 88"}, "skips_weeks"),
        ({"length": "number"}, "meetings_wanted"),
        ({"length": "until", "ends_on": "2026-11-01"}, "ends_on"),
        ({"smallest": "9"}, "smallest"),
        ({"rhythm": "dates", "dates": "i morgen"}, "dates"),
        ({"where": "glostrup:9"}, "where"),
        ({"leader_1": "alma"}, "leader_1"),
        ({"beside_numbers": "2"}, "beside"),
        ({"seats": "en del"}, "seats"),
        ({"starts_on": ""}, "starts_on"),
    ],
)
def test_what_does_not_go_together_is_said_at_its_field_and_nothing_is_lost(
    wrong: dict[str, str], field: str, monday: Any, staff_client: Desk, alma: Any, finn: Any
) -> None:
    answer = staff_client(finn).post(page("make"), TYPED | wrong)
    assert answer.status_code == 422 and not Group.objects.exists()
    assert list(answer.context["form"].errors) == [field]
    typed = {name: answer.context["form"][name].value() for name in ("offer", "weekday", "begins", "seats", "leader_0")}
    assert typed == {name: (TYPED | wrong)[name] for name in typed}


def test_a_room_that_is_taken_is_said_with_its_days_and_no_name(
    group: Group, staff_client: Desk, bo: Any, finn: Any
) -> None:
    answer = staff_client(finn).post(page("make"), TYPED | {"rhythm": "even", "leader_0": "bo"})
    said = str(answer.context["form"].errors["where"])
    assert answer.status_code == 422 and Group.objects.count() == 1
    assert "24. november" in said or "i morgen" in said
    assert "Alma" not in said


def test_a_leader_who_has_something_else_is_named_with_the_days(group: Group, staff_client: Desk, finn: Any) -> None:
    answer = staff_client(finn).post(page("make"), TYPED | {"rhythm": "even", "where": "glostrup:2"})
    assert answer.status_code == 422
    assert "Alma er optaget" in text(answer)


def test_a_parents_group_beside_another_has_its_hours_from_there(
    group: Group, staff_client: Desk, bo: Any, finn: Any
) -> None:
    empty = dict.fromkeys(("weekday", "starts_on", "begins", "ends", "age_from", "age_to", "siblings_to"), "")
    said = {"kind": "parent", "name": "Forældre", "where": "glostrup:2", "leader_0": "bo", "beside": str(group.pk)}
    typed = {key: value for key, value in TYPED.items() if key != "rhythm"} | empty | said
    typed["beside_numbers"] = "2 og 4"
    answer = staff_client(finn).post(page("make"), typed)
    assert answer.status_code == 302, text(answer)
    parents = Group.objects.get(name="Forældre")
    assert [each.starts_at for each in parents.meetings.all()] == [
        each.starts_at for each in group.meetings.filter(number__in=[2, 4])
    ]
    assert "voksne" in text(staff_client(finn).get(page("group", group=parents.pk)))


def test_a_cafe_meets_on_chosen_days(monday: Any, staff_client: Desk, finn: Any) -> None:
    said = {"offer": "aaben-cafe", "kind": "cafe", "rhythm": "dates", "weekday": "", "starts_on": "", "leader_0": ""}
    ages = dict.fromkeys(("age_from", "age_to", "siblings_to"), "")
    answer = staff_client(finn).post(page("make"), TYPED | said | ages | {"dates": "2027-03-06\r\n5-12-2026"})
    assert answer.status_code == 302, text(answer)
    days = [clock.local(each.starts_at).date() for each in Meeting.objects.all()]
    assert days == [date(2026, 12, 5), date(2027, 3, 6)]


# ---- Changing ----


def retyped(form: Any) -> dict[str, str]:
    """Send a form back as a browser would, untouched."""
    sent: dict[str, str] = {}
    for field in form:
        value = field.value()
        shown = field.field.prepare_value(value)
        if isinstance(value, bool):
            sent |= {field.html_name: "on"} if value else {}
        elif isinstance(value, time):
            sent[field.html_name] = value.strftime("%H:%M")
        elif shown is not None:
            sent[field.html_name] = str(shown)
    return sent


def test_a_page_sent_back_untouched_changes_nothing(group: Group, staff_client: Desk, finn: Any) -> None:
    before = [(each.pk, each.starts_at) for each in group.meetings.all()]
    desk = staff_client(finn)
    sent = retyped(desk.get(page("change", group=group.pk)).context["form"])
    answer = desk.post(page("change", group=group.pk), sent)
    assert answer.status_code == 302, answer.context["form"].errors
    after = Group.objects.get()
    assert [(each.pk, each.starts_at) for each in after.meetings.all()] == before
    for name in ("rule", "starts_on", "months_from", "months_to", "siblings_to", "seats", "name", "begins", "room"):
        assert getattr(after, name) == getattr(group, name), name


def test_a_changed_hour_follows_and_the_family_without_a_key_is_to_be_rung(
    group: Group, staff_client: Desk, alma: Any, finn: Any
) -> None:
    course = families.begin(alma)
    seated(group, course)
    desk = staff_client(finn)
    shown = desk.get(page("change", group=group.pk))
    answer = desk.post(
        page("change", group=group.pk), retyped(shown.context["form"]) | {"begins": "16:00"}, follow=True
    )
    assert clock.local(Meeting.objects.order_by("starts_at")[0].starts_at).hour == 16
    assert course.nickname in text(answer)
    assert course.nickname in text(desk.get(page("group", group=group.pk))), "it stays until it is put away"
    desk.post(page("group", group=group.pk), {"rung": ""})
    assert course.nickname not in text(desk.get(page("group", group=group.pk)))


def test_two_who_change_a_group_at_once_do_not_write_over_each_other(
    group: Group, staff_client: Desk, finn: Any, clara: Any
) -> None:
    desk = staff_client(finn)
    mine = retyped(desk.get(page("change", group=group.pk)).context["form"]) | {"seats": "6"}
    other = staff_client(clara)
    other.post(page("change", group=group.pk), mine | {"seats": "10"})
    answer = desk.post(page("change", group=group.pk), mine)
    assert answer.status_code == 422 and Group.objects.get().seats == 10
    again = retyped(answer.context["form"])
    assert again["seats"] == "6"
    assert desk.post(page("change", group=group.pk), again).status_code == 302
    assert Group.objects.get().seats == 6


def test_other_days_hold_from_a_day_to_come(group: Group, staff_client: Desk, finn: Any, at: Any) -> None:
    at("2026-12-09T08:15")
    desk = staff_client(finn)
    mine = retyped(desk.get(page("change", group=group.pk)).context["form"])
    answer = desk.post(page("change", group=group.pk), mine | {"rhythm": "odd"})
    assert answer.status_code == 422 and list(answer.context["form"].errors) == ["starts_on"]


# ---- One meeting ----


def test_a_meeting_is_moved_and_who_is_told_is_said_before(
    group: Group, staff_client: Desk, alma: Any, finn: Any
) -> None:
    course = families.begin(alma)
    seated(group, course)
    second = group.meetings.get(number=2)
    desk = staff_client(finn)
    where = page("meeting_move", meeting=second.pk)
    before = desk.get(where)
    assert "1 familie kan ikke få det at vide på den måde" in text(before)
    sent = retyped(before.context["form"])
    answer = desk.post(where, sent | {"day": "2026-12-09", "begins": "16:00", "ends": "18:00"}, follow=True)
    second.refresh_from_db()
    assert clock.local(second.starts_at).strftime("%m-%d %H:%M") == "12-09 16:00"
    assert course.nickname in text(answer) and "flyttet" in text(answer)


def test_a_meeting_is_not_moved_into_the_past_nor_into_christmas(group: Group, staff_client: Desk, finn: Any) -> None:
    second = group.meetings.get(number=2)
    desk, where = staff_client(finn), page("meeting_move", meeting=second.pk)
    sent = retyped(desk.get(where).context["form"])
    for day in ("2026-11-20", "2026-12-25", "i overmorgen"):
        answer = desk.post(where, sent | {"day": day})
        assert answer.status_code == 422 and list(answer.context["form"].errors) == ["day"]
    christmas = desk.post(where, sent | {"day": "2026-12-25"})
    assert "Juledag" in text(christmas)
    assert desk.post(where, sent | {"day": "2026-12-25", "even_so": "on"}).status_code == 302


def test_a_colleagues_move_is_seen_before_ones_own(group: Group, staff_client: Desk, finn: Any, clara: Any) -> None:
    second = group.meetings.get(number=2)
    desk, where = staff_client(finn), page("meeting_move", meeting=second.pk)
    sent = retyped(desk.get(where).context["form"])
    staff_client(clara).post(where, sent | {"day": "2026-12-10"})
    answer = desk.post(where, sent | {"day": "2026-12-11"})
    assert answer.status_code == 422 and "kollega" in text(answer)
    assert desk.post(where, retyped(answer.context["form"])).status_code == 302
    second.refresh_from_db()
    assert clock.local(second.starts_at).day == 11


def test_a_meeting_is_called_off_and_held_after_all(group: Group, staff_client: Desk, finn: Any) -> None:
    second = group.meetings.get(number=2)
    desk, where = staff_client(finn), page("meeting_cancel", meeting=second.pk)
    assert desk.post(where).status_code == 302
    second.refresh_from_db()
    assert second.state == "cancelled" and "aflyst" in text(desk.get(page("group", group=group.pk)))
    assert desk.post(where).status_code == 422, "called off once is enough"
    assert desk.post(where, {"after_all": ""}).status_code == 302
    second.refresh_from_db()
    assert second.state == "planned"


def test_a_meeting_that_has_been_is_arranged_no_more(group: Group, staff_client: Desk, finn: Any, at: Any) -> None:
    first = group.meetings.get(number=1)
    at("2026-11-25T08:15")
    assert staff_client(finn).get(page("meeting_move", meeting=first.pk)).status_code == 404


def test_somebody_stands_in(group: Group, staff_client: Desk, alma: Any, bo: Any, finn: Any) -> None:
    second = group.meetings.get(number=2)
    desk, where = staff_client(finn), page("stand_in", meeting=second.pk)
    assert desk.post(where, {"out": "alma", "into": "alma"}).status_code == 422
    assert desk.post(where, {"out": "alma", "into": "bo"}).status_code == 302
    assert [each.user for each in second.leads.all()] == [bo]
    assert "Bo (" in text(desk.get(page("group", group=group.pk)))


# ---- Leaders, closing, opening ----


def test_leaders_take_turns_in_their_order(group: Group, staff_client: Desk, alma: Any, bo: Any, finn: Any) -> None:
    desk, where = staff_client(finn), page("leaders", group=group.pk)
    assert desk.post(where, {"leader_0": "bo", "leader_1": "bo"}).status_code == 422
    assert desk.post(where, {"leader_0": "bo", "leader_1": "alma"}).status_code == 302
    assert [each.user for each in group.leaders.filter(valid_to=None)] == [bo, alma]


def test_a_group_is_closed_after_a_day(group: Group, staff_client: Desk, finn: Any) -> None:
    desk, where = staff_client(finn), page("close", group=group.pk)
    assert desk.post(where, {"on": "2026-11-01"}).status_code == 422
    assert desk.post(where, {"on": "2026-12-08"}).status_code == 302
    group.refresh_from_db()
    assert group.ends_on == date(2026, 12, 8)
    assert group.meetings.filter(state="planned").count() == 2


def test_a_planned_group_is_opened_by_who_arranges(monday: Any, staff_client: Desk, alma: Any, finn: Any) -> None:
    planned = made(finn, alma, state="planned")
    assert staff_client(finn).post(page("group", group=planned.pk)).status_code == 302
    planned.refresh_from_db()
    assert planned.state == "open"


# ---- Week by week ----


def test_the_planner_says_even_and_odd_and_why_a_week_is_left_out(group: Group, staff_client: Desk, finn: Any) -> None:
    rows = list(staff_client(finn).get(page("group", group=group.pk)).context["weeks"])
    assert [(each.week, each.odd) for each in rows[:2]] == [(48, False), (49, True)]
    by_week = {each.week: each for each in rows}
    # 2026 has 53 weeks: even weeks become odd ones, and the page says so.
    assert [each.week for each in rows if each.meeting][:5] == [48, 50, 52, 1, 3]
    assert by_week[53].meeting is None and by_week[2].why == ""
    shown = text(staff_client(finn).get(page("group", group=group.pk)))
    assert "lige uger" in shown and "ulige uger" in shown


def test_groups_are_shown_by_place(group: Group, staff_client: Desk, bo: Any, finn: Any) -> None:
    babies = {"offer": "babygruppe", "kind": "pair", "months_from": 0, "months_to": 13}
    made(finn, bo, name="Hillerødgruppen", place="hilleroed", **babies)
    desk = staff_client(finn)
    both, one = text(desk.get(page("list"))), text(desk.get(page("list") + "?sted=hilleroed"))
    assert "Tirsdagsgruppen" in both and "Hillerødgruppen" in both
    assert "Tirsdagsgruppen" not in one and "Hillerødgruppen" in one
