"""The leader reads who has looked, asks about ten at random, and gives a family its own lines."""

import re
from typing import Any

import pytest
from django.urls import reverse

from brobygger.access import services as access
from brobygger.appointments.tests.families import Family
from brobygger.intake import services as intake
from brobygger.intake.models import Enquiry
from brobygger.privacy import queries as privacy
from brobygger.privacy.services import record
from brobygger.threads import services as threads
from brobygger.threads.models import Thread
from brobygger.today import looking, services

pytestmark = pytest.mark.django_db

MONDAY = "2026-11-23T08:10"


@pytest.fixture
def read(furnished: Any, alma: Any, at: Any) -> Enquiry:
    """A letter Alma took and read on a Monday."""
    at(MONDAY)
    Family.writes("Kære hus")
    enquiry = intake.take(enquiry=Enquiry.objects.get(), by=alma)
    threads.look(thread=enquiry.thread, by=alma)
    return enquiry


def rows(response: Any) -> list[str]:
    """The table's lines, as a person reads them."""
    body = response.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in body.split("</tr>")[:-1]]


def test_the_leader_asks_by_person_day_and_kind(read: Enquiry, staff_client: Any, clara: Any, bo: Any, at: Any) -> None:
    at("2026-11-24T09:00")
    threads.look(thread=read.thread, by=bo)
    reader = staff_client(clara)

    def asked(**told: str) -> list[str]:
        return rows(reader.get(reverse("today:looks"), told))

    assert [row.split()[3] for row in asked(kind="looks")] == ["bo", "alma"]
    assert [row.split()[3] for row in asked(kind="looks", by="alma")] == ["alma"]
    assert [row.split()[3] for row in asked(kind="looks", on="2026-11-24")] == ["bo"]
    assert asked(kind="looks", on="2026-11-25") == ["Ingen linjer her."]
    assert read.thread.number in asked(kind="looks")[0]
    assert all("alma" in row for row in asked(by="alma"))
    assert any("begyndte" in row or "rolle" in row for row in asked(kind="access"))
    assert not set(asked(kind="deeds")) & set(asked(kind="looks"))


@pytest.mark.parametrize(
    "odd",
    [
        {"on": "i går"},
        {"on": "9999-12-31"},
        {"on": "0001-01-01"},
        {"before": "x"},
        {"before": "9" * 40},
        {"kind": "no"},
        {"by": "alma\0"},
        {"on": "\0"},
    ],
)
def test_what_cannot_be_read_is_as_if_not_asked(
    read: Enquiry, staff_client: Any, clara: Any, odd: dict[str, str]
) -> None:
    response = staff_client(clara).get(reverse("today:looks"), odd)

    assert response.status_code == 200
    assert len(rows(response)) > 3


def test_the_log_is_turned_page_by_page_without_a_gap(read: Enquiry, staff_client: Any, clara: Any, alma: Any) -> None:
    for number in range(120):
        record(by=alma, action="threads.looked", about=read.thread, reason=f"no. {number}")
    reader, seen, address = staff_client(clara), [], reverse("today:looks") + "?kind=looks"
    while address:
        response = reader.get(address)
        seen += [int(row.rpartition("no. ")[2]) for row in rows(response) if "no. " in row]
        older = response.context["older"]
        address = f"{reverse('today:looks')}?{older}" if older else ""

    assert seen == list(range(119, -1, -1))


def test_ten_at_random_from_the_last_seven_days(
    read: Enquiry, staff_client: Any, clara: Any, alma: Any, at: Any
) -> None:
    for number in range(30):
        record(by=alma, action="threads.looked", about=read.thread, reason=f"new {number}")
    at("2026-11-28T10:00")
    reader = staff_client(clara)
    drawn = [tuple(rows(reader.get(reverse("today:looks"), {"sample": ""}))) for _each in range(4)]

    assert {len(each) for each in drawn} == {10}
    assert len(set(drawn)) > 1, "each time others"
    assert all("læste" in row for each in drawn for row in each), "looks, and nothing else"

    at("2026-12-01T10:00")
    assert looking.sample() == []


def family(client: Any, **told: str) -> Any:
    """Ask for one family's lines."""
    return client.post(reverse("today:family_looks"), told)


def test_a_family_is_told_what_each_person_works_as(read: Enquiry, staff_client: Any, clara: Any) -> None:
    response = family(staff_client(clara), number=read.thread.number.lower())

    told = rows(response)
    assert told and all("familieterapeut" in row for row in told)
    assert [row for row in told if "læste" in row]
    assert not any("Alma" in row or "alma" in row for row in told)
    assert all(read.thread.number not in row for row in told)


def test_first_names_only_by_the_leaders_choice(read: Enquiry, staff_client: Any, clara: Any) -> None:
    response = family(staff_client(clara), number=read.thread.number, names="1")

    assert any("Alma, familieterapeut" in row for row in rows(response))


def test_the_same_lines_come_as_a_file(read: Enquiry, staff_client: Any, clara: Any) -> None:
    client = staff_client(clara)
    told = rows(family(client, number=read.thread.number))
    response = family(client, number=read.thread.number, **{"as": "file"})

    text = response.content.decode("utf-8-sig").splitlines()
    assert response["Content-Disposition"].endswith(f'filename="{read.thread.number}.csv"')
    assert text[0] == "Hvornår;Hvem;Hvad"
    assert len(text) == 1 + len(told) + 1, "and the line about having taken them out before"
    assert "2026-11-23 08:10;familieterapeut;" in text[1]


def test_taking_out_leaves_a_line_of_its_own(read: Enquiry, staff_client: Any, clara: Any) -> None:
    family(staff_client(clara), number=read.thread.number, names="1")

    last = privacy.entries(about=read.thread)[0]
    assert (last.by, last.action, last.reason) == ("clara", "today.looks_taken_out", "names:page")
    shown = rows(staff_client(clara).get(reverse("today:looks"), {"kind": "taken_out"}))
    assert "med fornavne, som en side" in shown[0]


def test_a_number_nobody_has_now_is_said_plainly(read: Enquiry, staff_client: Any, clara: Any) -> None:
    client = staff_client(clara)
    number, thread = read.thread.number, str(read.thread_id)
    threads.shred(thread=read.thread, by="keeper")

    for asked in (number, "9999", "", "ÆØÅ<"):
        response = family(client, number=asked)
        assert response.status_code == 422
        assert "findes ikke" in response.content.decode()
    assert privacy.trail(f"thread:{thread}"), "the lines stand; nothing leads to them"


def test_what_no_keyboard_writes_is_no_number(read: Enquiry, staff_client: Any, clara: Any) -> None:
    """PostgreSQL refuses to be asked for such a text; so it is not asked."""
    client = staff_client(clara)

    assert family(client, number="\0" + read.thread.number).context["number"] == ""
    page = client.get(reverse("intake:worklist"), {"find": "\0"})
    assert (page.status_code, page.context["find"], page.context["found"]) == (200, "", [])


@pytest.fixture
def twin(read: Enquiry) -> Thread:
    """Another family that has got the same box number."""
    Family.writes("Et andet brev")
    other = Thread.objects.exclude(pk=read.thread_id).get()
    Thread.objects.filter(pk=other.pk).update(number=read.thread.number)
    return other


@pytest.mark.parametrize("told", [{}, {"as": "file"}, {"thread": "no"}])
def test_two_families_with_one_number_are_told_apart_by_a_person(
    read: Enquiry, twin: Thread, staff_client: Any, clara: Any, told: dict[str, str]
) -> None:
    response = family(staff_client(clara), number=read.thread.number, names="1", **told)

    said = response.content.decode()
    assert response.status_code == 422 and "text/html" in response["Content-Type"]
    assert "Alma har den" in said and "Ingen har taget den" in said
    assert said.count('type="radio"') == 2 and str(twin.pk) in said and str(read.thread_id) in said
    for thread in (read.thread, twin):
        assert ("clara", "today.looks_taken_out") not in privacy.trail(thread)


def test_the_chosen_familys_lines_come_out_and_nobody_elses(
    read: Enquiry, twin: Thread, staff_client: Any, clara: Any
) -> None:
    client = staff_client(clara)
    page = family(client, number=read.thread.number, thread=str(read.thread_id))

    assert any("læste" in row for row in rows(page))
    assert f'name="thread" value="{read.thread_id}"' in page.content.decode(), "the file is the same family's"
    file = family(client, number=read.thread.number, thread=str(read.thread_id), **{"as": "file"})
    assert "text/csv" in file["Content-Type"] and "læste" in file.content.decode()
    assert ("clara", "today.looks_taken_out") not in privacy.trail(twin)

    threads.shred(thread=read.thread, by="keeper")
    gone = family(client, number=read.thread.number, thread=str(read.thread_id))
    assert gone.status_code == 422, "the one that is left was not the one chosen"
    assert gone.context["missing"] and "Mere end én" not in gone.content.decode()
    assert ("clara", "today.looks_taken_out") not in privacy.trail(twin)


def test_our_duty_and_what_was_said_in_confidence_are_not_taken_out(
    read: Enquiry, staff_client: Any, clara: Any, alma: Any, bo: Any
) -> None:
    weighed = ("consents.duty_weighed", "consents.duty_read", "consents.duty_looked", "consents.recorded_in_confidence")
    for action in weighed:
        record(by=bo, action=action, about=read.thread, reason="second: bo")
    client = staff_client(clara)
    for told in ({}, {"as": "file"}):
        said = family(client, number=read.thread.number, names="1", **told).content.decode()
        assert "Bo, " not in said and "Alma, " in said
    page = family(client, number=read.thread.number).content.decode()
    assert "Linjer om vores egen pligt" in page
    assert "fortrolighed" in " ".join(rows(client.get(reverse("today:looks")))), "the leader's own log holds them"


def test_only_who_may_takes_lines_out(read: Enquiry, staff_client: Any, alma: Any, finn: Any, operator: Any) -> None:
    for person in (alma, finn, operator):
        assert family(staff_client(person), number=read.thread.number).status_code == 404
        with pytest.raises(access.NotAllowed):
            services.look_up_family(thread=read.thread_id, how="page", by=person)
    assert ("alma", "today.looks_taken_out") not in privacy.trail(read.thread)


def test_what_the_machine_and_the_family_did_is_not_a_look(read: Enquiry) -> None:
    told = looking.for_family(privacy.entries(about=read.thread), names=True, language="da")

    assert {line.who for line in told} == {"Alma, familieterapeut"}
    assert len(told) < len(privacy.trail(read.thread))


def test_a_broken_glass_stands_in_the_log_with_its_reason_and_closes_by_itself(
    read: Enquiry, staff_client: Any, clara: Any, at: Any
) -> None:
    client, page = staff_client(clara), reverse("intake:thread", kwargs={"thread": read.thread_id})
    client.post(reverse("intake:break_glass", kwargs={"thread": read.thread_id}), {"reason": "Alma er syg i dag."})
    assert "Kære hus" in client.get(page).content.decode()

    told = rows(client.get(reverse("today:looks"), {"kind": "looks", "by": "clara"}))
    assert len(told) == 2 and "Alma er syg i dag." in told[1] and read.thread.number in told[1]

    at("2026-11-23T09:11")
    assert "Kære hus" not in client.get(page).content.decode()
