"""The line for a call on the screen: what is typed while somebody talks is never lost, and sent once."""

import re
import time
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils.translation import override

from brobygger.appointments.tests.families import Family
from brobygger.door import family
from brobygger.intake import calls, queries, services
from brobygger.intake.models import Enquiry
from brobygger.privacy import queries as privacy
from brobygger.threads import services as threads
from brobygger.threads.models import Thread
from tests.letters import Visitor, keeper

pytestmark = pytest.mark.django_db
CPR = "010190-1234"


def address(name: str = "call", language: str = "da") -> str:
    with override(language):
        return reverse(f"intake:{name}")


def token(answer) -> str:
    """The page's own number and key, sealed."""
    return re.findall(r'name="token" value="([^"]+)"', answer.content.decode())[-1]


def typed(client, **more) -> dict[str, str]:
    """Fill in a line on a fresh page."""
    line = {"how": "phone", "door": "parent", "what": "done", "token": token(client.get(address()))}
    return {**line, **more}


@pytest.fixture
def finns(morning, finn, staff_client):
    """Finn's browser."""
    return staff_client(finn)


def test_two_choices_and_one_press_count_a_call_and_it_can_be_undone(finns) -> None:
    done = finns.post(address(), typed(finns))

    assert done.status_code == 200 and "Talt med" in done.content.decode()
    assert [(each.channel, each.count) for each in queries.tallies()] == [("phone", 1)]
    undo = re.findall(r'name="token" value="([^"]+)"', done.content.decode())[0]

    said = finns.post(address("undo_call"), {"token": undo}, follow=True).content.decode()

    assert queries.tallies() == [] and "Taget tilbage" in said
    again = finns.post(address("undo_call"), {"token": undo}, follow=True).content.decode()
    assert "allerede taget tilbage" in again
    assert finns.get(address("undo_call")).status_code == 405


def test_a_double_press_is_one_call(finns) -> None:
    line = typed(finns, what="ring", phone="20 30 40 50")
    counted = typed(finns)

    answers = [finns.post(address(), line, follow=True) for _press in (1, 2)]
    for _press in (1, 2):
        finns.post(address(), counted)

    assert Enquiry.objects.count() == 1 and [each.count for each in queries.tallies()] == [1]
    assert "er her allerede" in answers[1].content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"door": ""}, "door"),
        ({"what": ""}, "what"),
        ({"what": "to"}, "to"),
        ({"what": "sparring"}, "door"),
        ({"what": "sparring", "door": "professional"}, "profession"),
        ({"what": "time", "where": "sparring", "give_key": "on"}, "door"),
        ({"what": "ring"}, "phone"),
        ({"what": "ring", "phone": "12"}, "phone"),
        ({"what": "time"}, "phone"),
        ({"text": "Hun græd."}, "text"),
        ({"what": "to", "to": "Et sted", "phone": "20304050"}, "phone"),
        ({"alias": "Mette"}, "alias"),
        ({"what": "ring", "phone": "20304050", "text": f"Barnet er {CPR}"}, "text"),
        ({"what": "ring", "phone": "20304050", "alias": CPR}, "alias"),
        ({"what": "to", "to": CPR}, "to"),
        ({"what": "key", "door": "professional", "text": "En dreng, der hedder Oliver."}, "text"),
        ({"what": "time", "where": "moon", "give_key": "on"}, "where"),
    ],
)
def test_a_line_that_cannot_be_used_says_why_and_keeps_every_word(wrong: dict[str, str], field: str, finns) -> None:
    line = typed(finns, theme="engang", **wrong)

    refused = finns.post(address(), line)

    page = refused.content.decode()
    assert refused.status_code == 422 and refused.context["form"].has_error(field)
    kept = [value for name, value in wrong.items() if value and name not in ("give_key", "where")]
    assert all(f'value="{value}"' in page for value in [*kept, "engang"])
    assert queries.tallies() == [] and not Thread.objects.exists()
    assert token(refused) and calls.read_page(token(refused), finns_user(refused)).once == read(line, refused).once


def finns_user(answer):
    return answer.wsgi_request.user


def read(line: dict[str, str], answer) -> calls.Page:
    return calls.read_page(line["token"], finns_user(answer))


def test_the_key_is_shown_once_to_be_read_aloud_and_opens_the_box(finns) -> None:
    line = typed(finns, what="key", text="Han vil selv skrive i aften.")

    shown = finns.post(address(), line)

    page = shown.content.decode()
    key = re.search(r'data-key="([^"]+)"', page)[1]
    assert shown.headers["Cache-Control"].count("no-store") and key not in str(shown.headers)
    words = dict(pair for group in shown.context["groups"] for pair in group)
    assert all(f"<small>{word}</small>" in page for word in words.values())
    (told,) = Family(key).box()
    assert told["provisional"] is True and told["how"] == "phone"
    assert "Han vil selv" not in page
    thread = reverse("intake:thread", args=[Enquiry.objects.get().thread_id])
    for where in (address(), reverse("intake:worklist"), thread):
        later = finns.get(where).content.decode()
        assert key not in later and key[5:] not in later and "Han vil selv" not in later


def test_the_same_page_shows_the_same_key_again_and_says_so(finns) -> None:
    line = typed(finns, what="key")

    first, again = (finns.post(address(), line).content.decode() for _press in (1, 2))

    keys = [re.search(r'data-key="([^"]+)"', page)[1] for page in (first, again)]
    assert keys[0] == keys[1] and len(Family(keys[0]).box()) == 1
    assert "samme nøgle" in again and "samme nøgle" not in first


def test_in_english_the_key_is_spelled_in_english(finns) -> None:
    line = typed(finns, what="time", give_key="on", where="house")

    shown = finns.post(address(language="en"), line)

    assert shown.status_code == 200
    spelled = dict(pair for group in shown.context["groups"] for pair in group)
    assert all(ENGLISH.get(sign, word) == word for sign, word in spelled.items()) and "Karen" not in spelled.values()
    assert queries.get_line(finns_user(shown), Enquiry.objects.get().thread_id).facts["language"] == "en"


ENGLISH = {"0": "zero", "1": "one", "9": "nine", "A": "Alfa", "B": "Bravo", "N": "November", "Z": "Zulu"}


def test_without_a_key_to_read_nobody_has_one(finns) -> None:
    line = typed(finns, what="ring", phone="20 30 40 50")
    page = calls.read_page(line["token"], finns_user(finns.get(address())))

    finns.post(address(), line)

    assert Thread.objects.get().number != page.key[:4] or Family(page.key).page().status != 200


def test_what_was_typed_is_sealed_and_only_the_one_who_answers_reads_it(finns, alma, staff_client) -> None:
    words = "Hun vil helst tale med en kvinde."
    finns.post(address(), typed(finns, what="ring", phone="20 30 40 50", text=words, sender="Tandlægen", message="on"))
    thread = reverse("intake:thread", args=[Enquiry.objects.get().thread_id])

    assert words not in finns.get(thread).content.decode()
    assert words in staff_client(alma).get(thread).content.decode()
    card = threads.look_at_card(thread=Thread.objects.get(), reason="Ringer op", by=alma)
    assert (card["phone"], card["sender"], card["message"]) == ("+4520304050", "Tandlægen", True)


def test_a_therapist_on_the_phone_goes_straight_to_the_times(morning, at_work, staff_client) -> None:
    client = staff_client(at_work)

    sent = client.post(address(), typed(client, what="time", where="phone"))

    enquiry = Enquiry.objects.get()
    assert (sent.status_code, sent.url) == (302, reverse("intake:thread", args=[enquiry.thread_id]))
    assert enquiry.taken_by == at_work
    page = client.get(sent.url)
    assert page.context["where"] == "phone" and len(page.context["chosen"]) == 3


def test_a_page_that_has_lain_too_long_or_is_anothers_keeps_every_word(finns, alma, staff_client, at) -> None:
    anothers = token(staff_client(alma).get(address()))
    for bad in (anothers, "", "x" * 80):
        refused = finns.post(address(), typed(finns, what="ring", phone="20 30 40 50", text="Ring gerne.", token=bad))
        assert refused.status_code == 409 and 'value="Ring gerne."' in refused.content.decode()
    line = typed(finns, what="ring", phone="20 30 40 50", text="Ring gerne.")
    at("2026-11-23T20:30")
    refused = finns.post(address(), line)
    assert refused.status_code == 409 and not Thread.objects.exists()

    assert finns.post(address(), {**line, "token": token(refused)}).status_code == 302
    assert Thread.objects.count() == 1


def test_a_line_taken_back_is_not_counted_by_going_back_to_its_page(finns) -> None:
    line = typed(finns)
    finns.post(address(), line)
    finns.post(address("undo_call"), {"token": line["token"]})

    again = finns.post(address(), line)

    assert again.status_code == 409 and queries.tallies() == []
    assert finns.post(address(), {**line, "token": token(again)}).status_code == 200
    assert [each.count for each in queries.tallies()] == [1]


@pytest.mark.parametrize("who", ["clara", "gro", "dan", "operator"])
def test_for_who_takes_no_calls_the_page_is_not_there(who: str, morning, request, staff_client) -> None:
    client = staff_client(request.getfixturevalue(who))

    assert client.get(address()).status_code == 404
    assert client.post(address(), {"how": "phone", "door": "parent", "what": "done"}).status_code == 404
    assert client.post(address("undo_call"), {"token": "x"}).status_code == 404
    assert queries.tallies() == []


def test_the_list_leads_to_the_call_for_who_takes_them(morning, finn, alma, clara, staff_client) -> None:
    for viewer, leads in ((finn, True), (alma, True), (clara, False)):
        page = staff_client(viewer).get(reverse("intake:worklist")).content.decode()
        assert (address() in page) is leads and ('data-press="o"' in page) is leads


# ---- Going back to a page that has done its work ----


def test_a_key_asked_for_after_the_box_was_made_without_one_is_refused_and_no_dead_key_read_aloud(finns) -> None:
    line = typed(finns, what="ring", phone="20 30 40 50")
    finns.post(address(), line)
    first = Thread.objects.get()

    refused = finns.post(address(), {**line, "what": "key", "phone": "", "text": "Hun skriver selv."})

    page = refused.content.decode()
    assert refused.status_code == 409 and "data-key" not in page
    assert f"boks {first.number}" in page and 'value="Hun skriver selv."' in page
    shown = finns.post(address(), {**line, "what": "key", "phone": "", "token": token(refused)}).content.decode()
    assert Family(re.search(r'data-key="([^"]+)"', shown)[1]).box()


def test_a_key_the_family_has_changed_is_not_read_aloud_again(finns, monkeypatch) -> None:
    monkeypatch.setattr(family, "time", SimpleNamespace(monotonic=time.monotonic, sleep=lambda _seconds: keeper()))
    monkeypatch.setattr(family, "PATIENCE", 30.0)
    line = typed(finns, what="key")
    lent = Family(re.search(r'data-key="([^"]+)"', finns.post(address(), line).content.decode())[1])
    assert "samme nøgle" in finns.post(address(), line).content.decode()
    own = Visitor().first_use(lent.key).key
    assert own != lent.key and Family(own).box()

    again = finns.post(address(), line, follow=True).content.decode()

    assert "data-key" not in again and "er her allerede" in again


@pytest.mark.parametrize("how", ["ending", "gone"])
def test_a_page_whose_thread_has_ended_says_that_the_line_is_used(how: str, finns) -> None:
    line = typed(finns, what="ring", phone="20 30 40 50", text="Ring gerne.")
    finns.post(address(), line)
    if how == "gone":
        threads.shred(thread=Thread.objects.get(), by="keeper")
    else:
        threads.mark_ending(thread=Thread.objects.get(), how="burned", by="keeper")

    refused = finns.post(address(), line)

    page = refused.content.decode()
    assert refused.status_code == 409 and "allerede brugt" in page and 'value="Ring gerne."' in page
    assert finns.post(address(), {**line, "token": token(refused)}).status_code == 302


def between(monkeypatch, deed) -> None:
    """Let something happen between the moment a call becomes a thread and the moment it is on the list."""
    real = threads.open_called

    def open_called(**typed):
        made = real(**typed)
        deed()
        return made

    monkeypatch.setattr(threads, "open_called", open_called)


def test_the_keepers_round_in_between_takes_nothing_from_the_press(morning, at_work, staff_client, monkeypatch) -> None:
    client = staff_client(at_work)
    line = typed(client, what="time", where="phone")
    between(monkeypatch, services.keep_up)

    sent = client.post(address(), line)

    enquiry = Enquiry.objects.get()
    assert (sent.status_code, sent.url) == (302, reverse("intake:thread", args=[enquiry.thread_id]))
    deeds = [action for _who, action in privacy.trail(enquiry.thread)]
    assert enquiry.taken_by == at_work and deeds.count("intake.call_taken") == deeds.count("intake.arrived") == 1


def test_a_colleague_who_takes_the_call_in_between_has_it(morning, at_work, bo, staff_client, monkeypatch) -> None:
    client = staff_client(at_work)
    line = typed(client, what="time", where="phone")

    def bo_takes_it() -> None:
        services.keep_up()
        services.take(enquiry=Enquiry.objects.get(), by=bo)

    between(monkeypatch, bo_takes_it)

    page = client.post(address(), line, follow=True)

    assert page.status_code == 200 and "En kollega kom først" in page.content.decode()
    assert Enquiry.objects.get().taken_by == bo
