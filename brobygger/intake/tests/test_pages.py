"""The worklist and a thread on the screen: what is shown to whom, and what a refusal leaves standing."""

from datetime import datetime

import pytest
from django.urls import reverse

from brobygger.appointments.tests.families import Family, book, slot
from brobygger.ground import clock
from brobygger.intake import queries, services, trail
from brobygger.intake.models import Enquiry
from brobygger.privacy import queries as privacy
from brobygger.threads import services as threads
from tests.letters import keeper

pytestmark = pytest.mark.django_db
WORDS = "Min mand drikker, og jeg er bange."
GONE = "Hej. Kom gerne torsdag, kl. 15."


def enquiry(family: Family) -> Enquiry:
    return Enquiry.objects.select_related("thread").get(thread=family.thread)


def address(name: str, family: Family) -> str:
    return reverse(f"intake:{name}", args=[family.thread.pk])


def lines(answer, name: str = "waiting") -> list[str]:
    return [line.enquiry.thread.number for line in answer.context[name]]


@pytest.fixture
def mine(ea, alma) -> Enquiry:
    """Ea's letter, taken by Alma."""
    return services.take(enquiry=enquiry(ea), by=alma)


# ---- The worklist ----


def test_the_nearest_promise_stands_first_and_a_colleagues_letters_are_not_there(
    ea, another, at, alma, bo, clara, finn, staff_client
) -> None:
    at("2026-11-25T10:00")
    later = Family.writes("Vi skrev to dage senere.")
    Enquiry.objects.filter(thread=another.thread).update(due_at=enquiry(ea).due_at.replace(minute=30))
    services.take(enquiry=enquiry(another), by=alma)
    path = reverse("intake:worklist")

    for viewer, numbers in (
        (alma, [ea.number, another.number, later.number]),
        (bo, [ea.number, later.number]),
        (clara, [ea.number, another.number, later.number]),
        (finn, [ea.number, another.number, later.number]),
    ):
        answer = staff_client(viewer).get(path)
        counts = answer.context["counts"]
        assert lines(answer) == numbers
        assert (counts.waiting, counts.untaken, counts.late) == (3, 2, 2)
        assert "bange" not in answer.content.decode()
    almas = staff_client(alma).get(path)
    assert [line.alarm for line in almas.context["waiting"]] == [100, 100, 0]
    assert [line.sight.take for line in almas.context["waiting"]] == [True, False, True]
    assert not any(line.sight.take for line in staff_client(clara).get(path).context["waiting"])


def test_whom_one_has_answered_stands_below_and_only_for_oneself(ea, another, alma, bo, finn, staff_client) -> None:
    services.answer(enquiry=services.take(enquiry=enquiry(ea), by=alma), text="Hej", by=alma)
    path = reverse("intake:worklist")

    answer = staff_client(alma).get(path)

    assert (lines(answer), lines(answer, "answered")) == ([another.number], [ea.number])
    for other in (bo, finn):
        assert lines(staff_client(other).get(path), "answered") == []


def test_the_lists_alone_come_as_a_fragment(ea, alma, staff_client) -> None:
    path = reverse("intake:worklist")

    page = staff_client(alma).get(path).content.decode()
    fragment = staff_client(alma).get(path, headers={"HX-Request": "true"}).content.decode()

    assert "<html" in page and "<html" not in fragment
    assert ea.number in page and ea.number in fragment


def test_a_box_is_found_by_its_number_by_those_who_may_know_of_it(
    ea, mine, alma, bo, clara, finn, staff_client
) -> None:
    path = reverse("intake:worklist")

    for viewer, typed, found in (
        (alma, ea.number, [ea.number]),
        (alma, f" {ea.number.lower()} ", [ea.number]),
        (alma, ea.key, [ea.number]),
        (clara, ea.number, [ea.number]),
        (finn, ea.number, [ea.number]),
        (bo, ea.number, []),
        (alma, "????", []),
        (alma, "", []),
    ):
        assert lines(staff_client(viewer).get(path, {"find": typed}), "found") == found
    services.answer(enquiry=mine, text="Hej", by=alma)
    assert lines(staff_client(clara).get(path, {"find": ea.number}), "found") == [ea.number]


# ---- One thread ----


def test_a_letter_nobody_has_taken_is_read_and_taken(ea, alma, bo, staff_client) -> None:
    assert WORDS in staff_client(bo).get(address("thread", ea)).content.decode()

    taken = staff_client(alma).post(address("take", ea))

    assert (taken.status_code, taken.url) == (302, address("thread", ea))
    assert staff_client(alma).post(address("take", ea)).url == reverse("intake:worklist")
    assert [by for by, _at in privacy.looks(ea.thread)] == ["bo"]
    assert staff_client(bo).get(address("thread", ea)).status_code == 404
    assert privacy.trail(ea.thread).count(("alma", "intake.taken")) == 1


def test_a_colleague_cannot_even_tell_that_the_thread_exists(ea, mine, bo, staff_client) -> None:
    before, messages = privacy.trail(ea.thread), ea.thread.messages.count()
    posts = {
        "take": {},
        "answer": {"text": "Hej"},
        "signpost": {"on-text": "Hej", "on-to": "Et sted"},
        "hand_over": {"to": "bo"},
        "contact": {"reason": "Jeg er nysgerrig"},
        "break_glass": {"reason": "Jeg er nysgerrig"},
        "end": {"end-outcome": "helped", "end-text": "Farvel"},
    }

    assert staff_client(bo).get(address("thread", ea)).status_code == 404
    for name, data in posts.items():
        assert staff_client(bo).post(address(name, ea), data).status_code == 404, name

    keeper()
    assert privacy.trail(ea.thread) == before and ea.thread.messages.count() == messages
    assert enquiry(ea).taken_by_id == mine.taken_by_id


DEEDS = {"answer": {"text": GONE}, "signpost": {"on-text": GONE, "on-to": "Et sted"}, "end": {"end-text": GONE}}


@pytest.mark.parametrize("deed", DEEDS)
def test_what_is_written_to_a_thread_that_is_gone_meanwhile_is_not_lost(
    deed: str, ea, mine, alma, bo, staff_client
) -> None:
    thread, page = ea.thread, address(deed, ea)
    threads.mark_ending(thread=thread, how="burned", by="family")

    for user in (alma, bo):
        answer = staff_client(user).post(page, {"end-outcome": "helped", **DEEDS[deed]})
        assert answer.status_code == 404 and GONE in answer.content.decode()
    assert not thread.messages.filter(kind="answer").exists()


@pytest.mark.parametrize("went", ["gone on", "handed over"])
@pytest.mark.parametrize("deed", ["answer", "signpost"])
def test_what_is_sent_as_the_thread_goes_elsewhere_is_not_lost(
    deed: str, went: str, ea, mine, alma, bo, staff_client, monkeypatch
) -> None:
    """Between the page's question whether the thread is one's own, and the deed."""
    ask, asked = queries.get_enquiry, []

    def and_then_it_went(viewer, thread):
        found = ask(viewer, thread)
        if not asked and went == "gone on":
            Enquiry.objects.filter(pk=found.pk).delete()
        elif not asked:
            Enquiry.objects.filter(pk=found.pk).update(taken_by=bo)
        asked.append(thread)
        return found

    monkeypatch.setattr(queries, "get_enquiry", and_then_it_went)
    answer = staff_client(alma).post(address(deed, ea), DEEDS[deed])

    assert answer.status_code == 404 and GONE in answer.content.decode()
    assert not ea.thread.messages.filter(kind="answer").exists()


@pytest.mark.parametrize("who", ["clara", "finn"])
def test_who_does_not_answer_sees_the_row_and_not_a_word(who: str, ea, mine, request, staff_client) -> None:
    answer = staff_client(request.getfixturevalue(who)).get(address("thread", ea))

    page = answer.content.decode()
    assert answer.status_code == 200 and ea.number in page
    assert not [word for word in ("mand", "drikker", "bange") if word in page]
    assert privacy.looks(ea.thread) == []


def test_the_leader_breaks_the_glass_for_a_reason_and_an_hour(ea, mine, clara, finn, at, staff_client) -> None:
    for reason in ("", "   ", "kort"):
        staff_client(clara).post(address("break_glass", ea), {"reason": reason})
        assert WORDS not in staff_client(clara).get(address("thread", ea)).content.decode()
    assert not privacy.entries(about=ea.thread, action="access.glass").exists()

    staff_client(clara).post(address("break_glass", ea), {"reason": "Alma er syg i dag."})

    page = staff_client(clara).get(address("thread", ea)).content.decode()
    assert WORDS in page and 'id="answer"' not in page
    assert privacy.trail(ea.thread)[-2:] == [("clara", "access.glass_broken"), ("clara", "threads.looked")]
    assert privacy.entries(about=ea.thread, action="access.glass").get().reason == "Alma er syg i dag."
    assert WORDS not in staff_client(finn).get(address("thread", ea)).content.decode()
    at("2026-11-23T09:11")
    assert WORDS not in staff_client(clara).get(address("thread", ea)).content.decode()


def test_a_number_is_shown_for_a_reason_that_is_kept(mine, ea, alma, finn, clara, staff_client) -> None:
    assert staff_client(alma).post(address("contact", ea), {"why-reason": "Ringer op"}).status_code == 404
    ea.asks("reach", phone="20304050", channel="call", when="any")

    for viewer in (alma, finn):
        refused = staff_client(viewer).post(address("contact", ea), {"reason": "nej"})
        assert (refused.status_code, refused.url) == (302, address("thread", ea))
    assert not privacy.entries(about=ea.thread, action="threads.contact_looked").exists()
    for viewer, field in ((alma, "why-reason"), (finn, "reason")):
        shown = staff_client(viewer).post(address("contact", ea), {field: "Hun bad om et opkald"})
        assert shown.status_code == 200 and "+4520304050" in shown.content.decode()
        assert "bange" not in shown.content.decode()

    assert "20304050" not in staff_client(alma).get(address("thread", ea)).content.decode()
    assert staff_client(clara).post(address("contact", ea), {"reason": "Hun bad om et opkald"}).status_code == 404
    looked = privacy.entries(about=ea.thread, action="threads.contact_looked")
    assert {(line.by, line.reason) for line in looked} == {(by, "Hun bad om et opkald") for by in ("alma", "finn")}


# ---- What is typed is never lost ----


def test_an_answer_goes_with_the_times_that_were_ticked(mine, ea, at_work, staff_client) -> None:
    page = staff_client(at_work).get(address("thread", ea), {"where": "phone"})
    ticked = [time.value for _day, times in page.context["free"] for time in times][:2]
    before = ea.box()

    sent = staff_client(at_work).post(
        address("answer", ea), {"text": "Godt du skrev.", "where": "phone", "times": ticked, "seen": ""}
    )

    assert (sent.status_code, sent.url) == (302, reverse("intake:worklist"))
    told = ea.hears(before)
    assert told["text"] == "Godt du skrev."
    assert [f"{each['starts_at']}|{each['ends_at']}|glostrup" for each in told["times"]] == ticked


@pytest.mark.parametrize("why", ["taken", "past", "four", "misread", "new words", "no words"])
def test_a_refused_answer_keeps_every_word_and_every_tick(why: str, mine, another, ea, at_work, staff_client) -> None:
    book(another, at_work, "2026-11-24T10:00")
    good = [slot(f"2026-11-2{day}T11:00").value for day in (4, 5, 6)]
    times = {
        "taken": [*good[:2], slot("2026-11-24T10:00").value],
        "past": [*good[:2], slot("2026-11-23T08:00").value],
        "four": [*good, slot("2026-11-27T11:00").value],
        "misread": [*good[:2], "i morgen"],
    }.get(why, good[:2])
    typed = {
        "text": "" if why == "no words" else "Godt du skrev <3",
        "where": "phone",
        "times": times,
        "seen": "0" if why == "new words" else "",
    }
    before = ea.box()

    answer = staff_client(at_work).post(address("answer", ea), typed)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert why == "no words" or "Godt du skrev &lt;3" in page
    assert all(f'value="{each}" checked' in page for each in good[:2])
    assert ea.hears(before) == {} and enquiry(ea).due_at == mine.due_at


@pytest.mark.parametrize(
    "crooked",
    [
        "2026-11-24T10:00|2026-11-24T10:30|glostrup",
        "2026-11-24T10:00+01:00|2026-11-24T09:30+01:00|glostrup",
        "2026-11-24T10:00+01:00|2026-11-24T10:00+01:00|glostrup",
    ],
    ids=["without a zone", "backwards", "no time at all"],
)
def test_a_time_nobody_could_have_ticked_is_refused_too(crooked: str, mine, ea, alma, staff_client) -> None:
    answer = staff_client(alma).post(address("answer", ea), {"text": "Hej", "where": "phone", "times": [crooked]})

    assert answer.status_code == 422 and enquiry(ea).due_at == mine.due_at


@pytest.mark.parametrize("where", ["moon", "home", ""])
def test_a_time_does_not_go_with_another_way_to_meet(where: str, mine, ea, alma, staff_client) -> None:
    time = slot("2026-11-24T10:00", "phone").value

    answer = staff_client(alma).post(address("answer", ea), {"text": "Hej", "where": where, "times": [time]})

    assert answer.status_code == 422 and enquiry(ea).due_at == mine.due_at


def test_after_new_words_one_reads_them_and_sends_the_same_page(mine, ea, alma, staff_client) -> None:
    seen = staff_client(alma).get(address("thread", ea)).context["form"].initial["seen"]
    ea.asks("text", text="En ting til.")

    refused = staff_client(alma).post(address("answer", ea), {"text": "Hej", "seen": seen})
    assert refused.status_code == 422 and "En ting til." in refused.content.decode()
    again = refused.context["form"]["seen"].value()

    assert staff_client(alma).post(address("answer", ea), {"text": "Hej", "seen": again}).status_code == 302


def test_helping_on_and_ending_keep_what_was_typed_too(mine, ea, alma, staff_client) -> None:
    on = staff_client(alma).post(address("signpost", ea), {"on-text": "Ring til dem.", "on-to": "", "on-seen": ""})
    end = staff_client(alma).post(address("end", ea), {"end-text": "Pas på dig selv.", "end-outcome": "burned"})

    assert (on.status_code, end.status_code) == (422, 422)
    assert "Ring til dem." in on.content.decode() and "Pas på dig selv." in end.content.decode()
    assert queries.signposts() == [] and ea.thread.ending == ""
    typed = {"on-text": "Ring til dem.", "on-to": "Børns Vilkår", "on-seen": ""}
    assert staff_client(alma).post(address("signpost", ea), typed).status_code == 302
    end = address("end", ea)
    assert staff_client(alma).post(end, {"end-text": "", "end-outcome": "signposted"}).status_code == 302
    assert staff_client(alma).post(end, {"end-text": "", "end-outcome": "signposted"}).status_code == 404
    assert [each.outcome for each in queries.tallies()] == ["signposted"]


def test_a_thread_is_handed_over_to_a_colleague_who_answers(mine, ea, alma, bo, clara, dan, staff_client) -> None:
    for nobody in ("clara", "dan", "zorro", ""):
        assert staff_client(alma).post(address("hand_over", ea), {"to": nobody}).status_code == 404

    assert staff_client(alma).post(address("hand_over", ea), {"to": "bo"}).status_code == 302
    assert staff_client(alma).get(address("thread", ea)).status_code == 404
    assert WORDS in staff_client(bo).get(address("thread", ea)).content.decode()
    assert staff_client(clara).post(address("hand_over", ea), {"to": "alma"}).status_code == 302
    assert enquiry(ea).taken_by == alma


def test_a_family_that_asked_for_a_time_gets_three_ticked_in_the_part_of_the_day_it_wished(
    morning, at_work, staff_client
) -> None:
    family = Family.writes("", wish="time", where="phone", when="afternoon")
    services.take(enquiry=enquiry(family), by=at_work)

    chosen = staff_client(at_work).get(address("thread", family)).context["chosen"]

    assert [value[:10] for value in chosen] == ["2026-11-23", "2026-11-24", "2026-11-25"]
    assert all(12 <= clock.local(datetime.fromisoformat(value.split("|")[0])).hour < 16 for value in chosen)


def test_looks_are_for_the_leader_and_can_be_sorted_out_by_person(ea, mine, alma, clara, staff_client) -> None:
    staff_client(alma).get(address("thread", ea))

    listed = staff_client(clara).get(reverse("today:looks"), {"by": "alma"})

    assert {line.by for line in listed.context["lines"]} == {"alma"}
    assert (trail.told("threads.looked"), ea.number) in [(line.deed, line.about) for line in listed.context["lines"]]
    assert staff_client(alma).get(reverse("today:looks")).status_code == 404
