"""The pages about links, a yes to being asked later, and the questions we may use."""

import re
from datetime import date

import pytest

from brobygger.casework.models import Assignment
from brobygger.casework.tests.test_pages import words
from brobygger.outbox.models import Notice
from brobygger.outcomes import instruments, queries, services
from brobygger.outcomes.models import Round

from .asked import of
from .test_asking import course, end
from .test_letters import mette, threads_card
from .test_pages import the, where

__all__ = ["course", "mette"]
pytestmark = pytest.mark.django_db


# ---- A link ----


def test_a_link_is_shown_once_as_a_slip_that_says_nothing_of_us(course, alma, staff_client, settings) -> None:
    settings.DOOR_ADDRESS = "https://svar.example/"
    row, mine = of(course), staff_client(alma)
    before = mine.get(the(row, "link"))
    assert before.status_code == 200 and "svar.example" not in before.content.decode() and of(course).token is None

    page = mine.post(the(row, "link"), {"do": "make"})
    shown = page.content.decode()
    (address,) = set(re.findall(r"https://svar\.example/svar/[0-9a-f-]{9}/[0-9a-z]{26}/", shown))
    assert page.headers["Cache-Control"].count("no-store") == 1
    slip = re.search(r'<section class="slip-print.*?</section>', shown, re.S)[0]
    for word in ("Liv", "Mette", "Dit Rum", "WHO", "trivsel", course.nickname, "Alma"):
        assert word not in slip, word
    assert "<title>Et par spørgsmål</title>" in shown and 'role="img"' in slip
    assert address not in mine.get(the(row, "link")).content.decode()

    from brobygger.privacy import seal

    assert bytes(of(course).token) == seal.token_hash(address.split("/")[-2].encode())
    assert "Der er givet et link" in words(mine.get(where("of_course", course=course.pk)))


def test_a_new_link_makes_the_one_before_worthless(course, alma, staff_client) -> None:
    row, mine = of(course), staff_client(alma)
    first = mine.post(the(row, "link"), {"do": "make"}) and of(course).token
    mine.post(the(row, "link"), {"do": "make"})
    assert bytes(first) != bytes(of(course).token)


def test_the_square_on_the_slip_is_read_as_the_address() -> None:
    """A telephone reads it: drawn here, and read back by the same tables the other way round."""
    import qrcode

    from brobygger.outcomes.templatetags import slips

    drawn = str(slips.square("https://svar.example/svar/abcd/0123456789/"))
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", drawn)}
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data("https://svar.example/svar/abcd/0123456789/")
    rows = code.get_matrix()
    assert dark == {(x, y) for y, row in enumerate(rows) for x, on in enumerate(row) if on} and len(dark) > 200
    assert f'viewBox="0 0 {len(rows)} {len(rows)}"' in drawn


def test_no_link_is_made_where_nothing_may_be_answered_by_one(course, alma, at, staff_client) -> None:
    row = of(course)
    Round.objects.filter(pk=row.pk).update(instruments=[["sdq", "1"]])
    answer = staff_client(alma).post(the(row, "link"), {"do": "make"})
    assert answer.status_code == 422 and "kan ikke besvares på den måde" in words(answer)
    at("2026-05-30T10:00")
    answer = staff_client(alma).post(the(of(course, 0), "link"), {"do": "make"})
    assert answer.status_code == 422 and "Der bliver ikke spurgt mere" in words(answer)
    assert not Round.objects.filter(token__isnull=False).exists()


def test_a_link_is_sent_only_to_who_has_the_key_and_has_said_where(mette, alma, staff_client, settings) -> None:
    _key, course = mette
    settings.OUTBOX_CHANNELS = {"sms": "brobygger.outbox.channels.Console"}
    mother, child = of(course, 0), Round.objects.get(member__course=course, member__position=1, moment="start")
    mine = staff_client(alma)
    assert "Send det" not in words(mine.get(the(mother, "link")))
    refused = mine.post(the(mother, "link"), {"do": "send"})
    assert refused.status_code == 422 and "ingen telefon eller mail" in words(refused)
    assert not Notice.objects.filter(kind="asked").exists() and of(course, 0).token is None

    threads_card(course)
    assert "Send det til deres telefon" in words(mine.get(the(mother, "link")))
    said = words(mine.post(the(mother, "link"), {"do": "send"}, follow=True))
    assert "Linket er skrevet." in said and Notice.objects.filter(kind="asked").count() == 1
    assert Round.objects.get(pk=mother.pk).token is not None
    assert child.by.position == 0 and "Send det til deres telefon" in words(mine.get(the(child, "link")))


def test_who_wants_to_be_rung_is_sent_no_link_and_it_is_said(mette, alma, staff_client, settings) -> None:
    from brobygger.threads.writing import card

    _key, course = mette
    settings.OUTBOX_CHANNELS = {"sms": "brobygger.outbox.channels.Console"}
    card(course.thread, {"channel": "call", "phone": "+4524230300", "when": "any", "remind": True}, by="family")
    answer = staff_client(alma).post(the(of(course, 0), "link"), {"do": "send"})
    assert answer.status_code == 422 and "ingen telefon eller mail" in words(answer)
    assert of(course, 0).token is None and not Notice.objects.filter(kind="asked").exists()


# ---- Half a year after ----


def test_half_a_year_after_nobody_is_asked_before_their_yes_is_noted(course, alma, bo, clara, at, staff_client) -> None:
    from brobygger.casework import services as casework

    at("2026-05-04T16:00")
    end(course, alma)
    at("2026-10-20T10:00")
    lead, left = staff_client(clara), where("left")
    assert course.nickname not in words(lead.get(left))
    casework.assign(course=course, to=alma, by=clara)
    row, mine = of(course, moment="after"), staff_client(alma)
    listed = where("of_course", course=course.pk)
    assert (
        "Kun hvis de har sagt ja" in words(mine.get(listed))
        and the(row, "tablet") not in mine.get(listed).content.decode()
    )
    refused = mine.post(the(row, "link"), {"do": "make"})
    assert refused.status_code == 422 and "De har ikke sagt ja" in words(refused)
    assert "De har ikke sagt ja" in words(mine.get(the(row, "paper"), follow=True))

    assert staff_client(bo).post(the(row, "agree")).status_code == 404 and of(course, moment="after").unagreed
    assert mine.get(the(row, "agree")).status_code == 405
    assert "Deres ja er noteret" in words(mine.post(the(row, "agree"), follow=True))
    assert the(row, "link") in mine.get(listed).content.decode()
    assert mine.post(the(row, "link"), {"do": "make"}).status_code == 200
    assert "Der bliver ikke spurgt mere" in words(mine.post(the(of(course, 0), "agree"), follow=True))
    assert course.nickname not in words(lead.get(left))
    Assignment.objects.filter(course=course).update(valid_to=date(2026, 10, 20))
    assert course.nickname in words(lead.get(left)), "nobody has it any more, and somebody is to ask"


def test_who_answers_without_a_key_gets_no_text_message(course, alma, staff_client) -> None:
    refused = staff_client(alma).post(the(of(course), "link"), {"do": "send"})
    assert refused.status_code == 422 and of(course).token is None
    assert staff_client(alma).post(the(of(course), "link"), {"do": "nonsense"}).status_code == 422


# ---- Which questions we may use ----


def test_the_one_who_arranges_confirms_a_licence_and_takes_it_back(furnished, clara, finn, alma, staff_client) -> None:
    address = where("licences")
    for other in (alma,):
        assert staff_client(other).get(address).status_code == 404
        assert staff_client(other).post(address, {"do": "confirm:sdq-1"}).status_code == 404
    desk = staff_client(clara)
    page = words(desk.get(address))
    assert all(str(each.title["da"]) in page for each in instruments.shelf().values())
    assert "CC BY-NC-SA 3.0 IGO" in page and "Ikke endnu" in page

    assert desk.post(address, {"do": "confirm:sdq-1"}).status_code == 302
    assert ("sdq", "1") in queries.confirmed() and "Ja. Bekræftet" in words(desk.get(address))
    assert staff_client(finn).post(address, {"do": "take_back:sdq-1"}).status_code == 302
    assert not queries.confirmed()
    for wrong in ("confirm:who5-1", "confirm:nothing-1", "confirm:sdq-9", "burn:sdq-1", ""):
        assert desk.post(address, {"do": wrong}).status_code == 404, wrong
    assert not queries.confirmed()


def test_what_the_house_asks_for_and_may_not_use_is_named_with_why(furnished, clara, staff_client) -> None:
    from brobygger.catalogue.models import House

    house = House.objects.get()
    more = [{"key": "sdq", "people": "children", "moments": ["start"]},
            {"key": "who55", "people": "children", "moments": ["start"]}]  # fmt: skip
    house.measuring = house.measuring | {"measures": house.measuring["measures"] + more}
    house.save()
    page = words(staff_client(clara).get(where("licences")))
    assert "sdq : Det kræver en licens" in page and "who55 : Der er ingen spørgsmål med det navn" in page
    services.confirm_licence(instrument="sdq", version="1", by=clara)
    assert "sdq : Det kræver" not in words(staff_client(clara).get(where("licences")))
