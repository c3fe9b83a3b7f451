"""What the keys of a referral show: who knows what, to the family; as much as was agreed, to the referrer."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from brobygger.door import correspondence, queries, services
from brobygger.ground import clock
from brobygger.privacy import keyring, seal
from tests.letters import Page, Visitor

pytestmark = pytest.mark.django_db
TEXT = "Du siger ja til, at Dit Rum får dit nummer.\nVi ringer til dig."


@pytest.fixture
def ea(furnished: Any, at: Any) -> Visitor:
    """Somebody who holds a key, on a Monday morning."""
    at("2026-11-23T10:00")
    return Visitor()


def box(*oldest_first: dict[str, Any]) -> str:
    """Set up a box with what the keeper has said, a minute between each; give its key."""
    key, ident = seal.new_return_key(), uuid4()
    made = seal.new_box(key)
    lock = {name: getattr(made, name) for name in ("number", "salt", "kdf_version", "wrapped_private", "public")}
    lock |= {"post_hash": made.post_hash, "burn_hash": made.burn_hash}
    until = clock.today() + timedelta(days=90)
    services.place_box(box=ident, made=lock, expires_on=until, by="keeper")
    for minute, each in enumerate(oldest_first):
        answer, at = uuid4(), clock.now() - timedelta(hours=1) + timedelta(minutes=minute)
        body = {"at": at.isoformat(), "kind": "news", **each}
        sealed = keyring.seal_answer(body, made.public, seal.answer_context(ident, answer))
        services.put_answer(answer=answer, box=ident, sealed=sealed, receipt=False, expires_on=until, by="keeper")
    return key.shown


def opened(door: str = "parent", **more: Any) -> dict[str, Any]:
    """How the keeper says that a referral came."""
    return {"news": "opened", "due": "2026-11-24T13:00:00+00:00", "door": door} | more


def ladder(step: str, **more: Any) -> dict[str, Any]:
    return {"news": "ladder", "ladder": {"step": step, "reason": more.get("reason", "")}}


def consent(**more: Any) -> dict[str, Any]:
    """A parent's yes, as it lies in the box."""
    return {
        "id": "9c1f3c52-0000-4000-8000-000000000001",
        "kind": "contact",
        "receiver": {"key": "house", "words": ""},
        "profession": "health_visitor",
        "fields": ["name", "number"],
        "purpose": "ring",
        "purpose_words": "",
        "given_on": "2026-11-23",
        "until": "2027-02-21",
        "how": "present",
        "giver": "holder",
        "text": TEXT,
        "standing": True,
        "closed_on": "",
        "closing": "",
        "told": [],
    } | more


STATUS = consent(
    id="9c1f3c52-0000-4000-8000-000000000002",
    kind="status",
    receiver={"key": "referrer", "words": ""},
    fields=["status_contact"],
    purpose="status",
    told=[{"what": "contact", "on": "2026-11-20"}],
)


def consents(*each: dict[str, Any]) -> dict[str, Any]:
    return {"news": "consents", "consents": list(each)}


def family(ea: Visitor, *each: dict[str, Any]) -> Page:
    """What a family sees that was referred and has its own key."""
    return ea.come_back(box(opened(how="referral", provisional=False), consents(*each)))


# ---- The family: who knows what ----


def test_a_family_reads_in_sentences_who_may_know_what(ea: Visitor) -> None:
    page = family(ea, consent(), STATUS)

    for part in (
        "Hvem ved hvad om dig",
        "Vi må kende dit fornavn og dit nummer, så vi kan ringe til dig.",
        "Du sagde ja i dag, sammen med den, der henviste dig. Det gælder til søndag den 21. februar 2027.",
        "Din sundhedsplejerske må få at vide: om vi har fået kontakt, fordi du blev henvist derfra.",
        "fredag den 20. november: at vi har fået kontakt",
        "De ord, du sagde ja til Du siger ja til, at Dit Rum får dit nummer. Vi ringer til dig.",
        "Vi ringer til dig i morgen, tirsdag, inden kl. 14.00",
    ):
        assert part in page.words, page.words


def test_it_is_said_beforehand_what_taking_back_does(ea: Visitor) -> None:
    page = family(ea, consent(), STATUS, consent(id="9c1f3c52-0000-4000-8000-000000000003", kind="other"))

    assert page.all("consent") == [consent()["id"], STATUS["id"], "9c1f3c52-0000-4000-8000-000000000003"]
    assert page.words.count("Tag det tilbage") == 3
    for part in (
        "Tager du det tilbage, sletter vi dit nummer og ringer ikke.",
        "Tager du det tilbage, ser den, der henviste dig, kun, at det er lukket.",
        "Tager du det tilbage, siger vi ikke mere.",
    ):
        assert part in page.words, page.words


@pytest.mark.parametrize(
    ("closing", "said"),
    [
        ("withdrawn", "Det blev taget tilbage i går."),
        ("expired", "Det gælder ikke mere."),
        ("ended", "Det gælder ikke mere."),
    ],
)
def test_what_is_over_says_so_and_cannot_be_pressed(closing: str, said: str, ea: Visitor) -> None:
    page = family(ea, consent(standing=False, closing=closing, closed_on="2026-11-22"))

    assert said in page.words, page.words
    assert page.all("consent") == [] and "Det gælder til" not in page.words and "Vi måtte kende" in page.words


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"receiver": {"key": "school", "words": ""}}, "Skolen må få at vide:"),
        ({"receiver": {"key": "municipality", "words": ""}}, "Kommunen må få at vide:"),
        ({"receiver": {"key": "health", "words": ""}}, "Lægen eller hospitalet må få at vide:"),
        ({"receiver": {"key": "other", "words": "din søster"}}, "Din søster må få at vide:"),
        ({"receiver": {"key": "other", "words": ""}}, "En anden må få at vide:"),
        ({"purpose": "other", "purpose_words": "så hun kan hjælpe"}, "dit nummer, så hun kan hjælpe."),
        ({"receiver": {"key": "referrer", "words": ""}, "profession": ""}, "Den, der henviste dig, må få at vide:"),
        ({"receiver": {"key": "referrer", "words": ""}, "profession": "job_centre"}, "Dit jobcenter må få at vide:"),
        ({"giver": "young", "how": "phone"}, "Den unge sagde ja i dag, i telefonen."),
        ({"giver": "other_parent", "how": "written"}, "Den anden forælder sagde ja i dag, på skrift."),
        ({"how": "spoken"}, "Du sagde ja i dag, ved at sige det til os."),
        ({"fields": []}, "Vi må kende det, du har aftalt med os"),
        ({"fields": ["age", "place", "words"]}, "dit barns alder, det sted, der passer dig og det, du skrev"),
    ],
)
def test_every_part_of_a_consent_has_its_words(more: dict[str, Any], said: str, ea: Visitor) -> None:
    page = family(ea, consent(**more))

    assert said in page.words, page.words


def test_the_newest_word_about_consents_counts(ea: Visitor) -> None:
    over = consent(standing=False, closing="withdrawn", closed_on="2026-11-23")
    key = box(opened(how="referral", provisional=False), consents(consent()), {"news": "withdrawn", "consents": [over]})

    page = ea.come_back(key)

    assert page.all("consent") == [] and "Det er taget tilbage, og det gælder fra nu." in page.words


def test_a_family_that_took_it_back_is_not_told_that_we_ring(ea: Visitor) -> None:
    over = consent(standing=False, closing="withdrawn", closed_on="2026-11-23")

    standing, taken_back = family(ea, consent()).words, family(ea, over).words

    assert "Vi har fået dit ja Vi ringer til dig i morgen, tirsdag, inden kl. 14.00" in standing
    assert "Vi ringer ikke til dig" in taken_back and "i morgen" not in taken_back


def test_an_hour_to_ring_that_went_by_asks_and_claims_nothing(ea: Visitor, at: Any) -> None:
    """Whether we rang is not in the box; a house that did says sorry for nothing."""
    key = box(opened(how="referral", provisional=False), consents(consent(until="2027-02-21")))
    at("2026-11-24T14:30")

    page = ea.come_back(key)

    assert "Vi skulle ringe til dig før i dag kl. 14.00. Har vi ikke gjort det, så skriv det herunder." in page.words


def test_a_family_that_was_rung_is_not_asked_whether_we_rang(ea: Visitor, at: Any) -> None:
    lain = [opened(how="referral"), {"news": "consents", "consents": [consent()]}]
    silent, rung = box(*lain), box(*lain, {"news": "rung"})
    at("2026-11-25T10:00")

    assert "Vi skulle ringe" in ea.come_back(silent).words
    page = ea.come_back(rung).words
    assert "Vi har ringet til dig" in page and "Vi skulle ringe" not in page


def test_nothing_is_said_of_consents_where_there_are_none(ea: Visitor) -> None:
    assert "Hvem ved hvad om dig" not in ea.come_back(box(opened())).words


@pytest.mark.parametrize("how", ["phone", "walk_in"])
def test_whoever_rang_is_not_told_of_a_letter(how: str, ea: Visitor) -> None:
    page = ea.come_back(box(opened(how=how, provisional=False)))

    assert "Du talte med os, og vi skrev det ned." in page.words and "Dit brev" not in page.words


def test_taking_back_sends_the_consents_number_once(ea: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("brobygger.door.family.PATIENCE", 0.0)
    page = family(ea, consent(), STATUS)

    for _press in range(2):
        done = ea.act(page, "withdraw", consent=STATUS["id"])
        assert done.status == 200 and "Vi har fået det" in done.words, done.words
    ea.act(page, "withdraw", consent=consent()["id"])

    letters = [keyring.open_letter(sealed)[0] for _pk, sealed in queries.waiting(9)]
    assert sorted(each["consent"] for each in letters) == [consent()["id"], STATUS["id"]]
    assert {each["kind"] for each in letters} == {"withdraw"}


def test_taking_back_on_an_old_page_asks_for_the_key_and_forgets_nothing(ea: Visitor, at: Any) -> None:
    page = family(ea, consent())
    at("2026-11-23T10:21")

    again = ea.act(page, "withdraw", consent=consent()["id"])

    assert again.status == 409 and again.hidden("consent") == consent()["id"]
    assert 'name="key"' in again.text and queries.waiting(9) == []


# ---- The referrer: as much as was agreed ----


def referrer(ea: Visitor, share: str, *steps: dict[str, Any]) -> Page:
    return ea.come_back(box(opened("professional", share=share, ladder={"step": "received"}), *steps))


def current(page: Page) -> str:
    """The step one stands at."""
    (here,) = page.text.split('aria-current="step">')[1:]
    return Page(200, (), here.split("</li>")[0].encode()).words


@pytest.mark.parametrize(
    ("share", "steps", "here", "count"),
    [
        ("ladder", [], "Vi har fået henvisningen her nu", 5),
        ("ladder", [ladder("trying")], "Vi prøver at få fat i forælderen her nu", 5),
        ("ladder", [ladder("trying"), ladder("contact")], "Vi har kontakt med forælderen her nu", 5),
        ("ladder", [ladder("contact"), ladder("started")], "Familien er begyndt hos os her nu", 5),
        ("ladder", [ladder("ended")], "Familien er færdig hos os her nu", 5),
        ("ladder", [ladder("not_started", reason="no_thanks")], "Familien er ikke begyndt hos os her nu", 2),
        ("ladder", [ladder("handed_on")], "Vi har hjulpet familien videre til et andet sted her nu", 2),
        ("contact", [ladder("trying")], "Vi prøver at få fat i forælderen her nu", 3),
        ("contact", [ladder("contact")], "Vi har kontakt med forælderen her nu", 3),
        ("contact", [ladder("not_started")], "Familien er ikke begyndt hos os her nu", 2),
        ("none", [], "Vi har fået henvisningen her nu", 1),
    ],
)
def test_the_referrer_sees_where_it_stands_and_what_is_ahead(
    share: str, steps: list[dict[str, Any]], here: str, count: int, ea: Visitor
) -> None:
    page = referrer(ea, share, *steps)

    assert current(page) == here
    way = page.text.split('<ol class="steps">')[1].split("</ol>")[0]
    assert way.count("<li") == count
    assert page.words.count("Status fra Dit Rum, mandag den 23. november 2026: ") == 1
    assert 'name="reach-phone"' not in page.text and 'name="address-address"' not in page.text
    assert 'name="more-text"' in page.text


@pytest.mark.parametrize("reason", correspondence.REASONS)
def test_why_a_family_did_not_begin_has_its_words(reason: str, ea: Visitor) -> None:
    page = referrer(ea, "ladder", ladder("not_started", reason=reason))

    assert str(correspondence.REASONS[reason]) in page.words


def test_with_nothing_shared_the_referrer_hears_no_more(ea: Visitor) -> None:
    page = referrer(ea, "none")

    assert "Du hører ikke mere her. Sådan valgte forælderen." in page.words
    assert "prøver" not in page.words and "begyndt" not in page.words


def test_when_it_is_closed_nothing_is_left_but_to_write(ea: Visitor) -> None:
    page = ea.come_back(box({"news": "not_shared", "door": "professional", "ladder": {"step": "closed"}}))

    assert "Lukket Der bliver ikke delt mere. Det er forælderens ret" in page.words
    assert 'class="steps"' not in page.text and "Status fra" not in page.words and "data-copy" not in page.text
    assert 'name="more-text"' in page.text
    for word in ("kontakt", "begyndt", "henvisningen", "ringer"):
        assert word not in page.words.split("Skriv mere")[0].lower(), word


def test_an_answer_to_the_referrer_is_shown_beside_the_steps(ea: Visitor) -> None:
    answer = {"kind": "answer", "text": "Tak for det nye nummer.", "from": "Alma", "title": {"da": "terapeut"}}

    page = referrer(ea, "ladder", answer)

    assert "Tak for det nye nummer." in page.words and "Vi har fået henvisningen her nu" in page.words


@pytest.mark.parametrize("odd", [{"step": "flown"}, {}, {"step": None}])
def test_a_step_nobody_knows_shows_no_more_than_received(odd: dict[str, Any], ea: Visitor) -> None:
    assert current(referrer(ea, "odd", {"news": "ladder", "ladder": odd})) == "Vi har fået henvisningen her nu"


def test_what_a_referrer_writes_more_comes_as_a_letter(ea: Visitor) -> None:
    page = referrer(ea, "ladder")

    done = ea.act(page, "text", text="Nummeret er et andet nu.")

    assert done.status == 200 and 'name="reach-phone"' not in done.text
    (letter,) = [keyring.open_letter(sealed)[0] for _pk, sealed in queries.waiting(9)]
    assert (letter["kind"], letter["door"], letter["text"]) == ("text", "professional", "Nummeret er et andet nu.")


def test_every_page_is_whole_in_english(furnished: Any, at: Any) -> None:
    at("2026-11-23T10:00")
    ea = Visitor(language="en")

    told = family(ea, consent(), STATUS).words
    shown = referrer(ea, "ladder", ladder("contact")).words

    assert "We may know your first name and your number, so that we can ring you." in told
    assert "Your health visitor may be told whether we have got in touch" in told
    assert "We are in touch with the parent here now" in shown
    assert "Status from Dit Rum, Monday 23 November 2026: We are in touch with the parent." in shown
