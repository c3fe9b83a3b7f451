"""What may show who wrote: found by its shape before it is sent, and hidden when they wish."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brobygger.door import rules


def kinds(text: str) -> list[str]:
    return rules.kinds(rules.slips(text))


@pytest.mark.parametrize(
    "number",
    [
        "010190-1234",
        "0101901234",
        "010190 1234",
        "01 01 90 1234",
        "01.01.90-1234",
        "01-01-90-1234",
        "010190 - 1234",
        "010190–1234",
        "290200-1111",  # the 29th of February 2000
        "610190-1234",  # a replacement number: 60 is added to the day
        "910190-1234",
        "610190-1AB4",  # and since 2025 with letters
        "010190-1ab4",
    ],
)
def test_a_cpr_number_is_known_by_its_date_alone(number: str) -> None:
    for text in (number, f"mit cpr er {number}.", f"({number})"):
        (found,) = [slip for slip in rules.slips(text) if slip.kind == "cpr"]
        assert text[found.start : found.end] == number
        assert number not in rules.masked(text, rules.slips(text))


@pytest.mark.parametrize(
    "number", ["320190-1234", "001290-1234", "310290-1234", "011390-1234", "310690-1234", "920190-1234", "600190-1234"]
)
def test_a_date_that_does_not_exist_is_no_cpr_number(number: str) -> None:
    assert "cpr" not in kinds(f"mit nummer er {number}")


@pytest.mark.parametrize("text", ["1010190-12345", "010190-12345", "9010190-1234", "010190-12", "010190-1A34B"])
def test_more_or_fewer_digits_are_no_cpr_number(text: str) -> None:
    assert "cpr" not in kinds(text)


@given(st.dates(datetime(1900, 1, 1).date(), datetime(2099, 12, 31).date()), st.integers(0, 9999), st.booleans())
def test_every_birthday_with_every_ending_is_found_whatever_modulus_11_says(born, ending, replaced) -> None:
    day = born.day + (60 if replaced else 0)

    assert kinds(f"{day:02}{born:%m%y}-{ending:04}") == ["cpr"]


@pytest.mark.parametrize(
    "number", ["20304050", "20 30 40 50", "2030 4050", "+4520304050", "+45 20 30 40 50", "0045 20304050", "24 23 03 00"]
)
def test_a_telephone_number_is_found_however_it_is_written(number: str) -> None:
    assert kinds(f"Ring til mig på {number}, tak.") == ["phone"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("skriv til mor.hansen+1@mail.example.dk", "email"),
        ("Hun går på Nordvangskolen", "place"),
        ("vi bor på Bakkevej 12", "place"),
        ("hos Ørstedsgade 4A til højre", "place"),
        ("Søndre Allé er lang", "place"),
        ("she goes to Elm Street 5", "place"),
        ("Jeg hedder Ea og er 13", "name"),
        ("min far hedder Åge", "name"),
        ("my name is Ea", "name"),
    ],
)
def test_an_address_a_school_and_a_name_are_found(text: str, kind: str) -> None:
    assert kinds(text) == [kind]
    assert rules.MASK in rules.masked(text, rules.slips(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Min mand drikker, og jeg er bange.",
        "Det var den 24.12.2025, og igen 1/12-2025, og der var 3 flasker.",
        "It was on 2025-12-24 and on 24-12-2025.",
        "The School is far away.",
        "Han drikker 12 øl om dagen og har gjort det i 15 år.",
        "Vi fik 500 kr. i 2019. Klokken var 23.30.",
        "Jeg kom på vej hjem fra skolen og gaden var tom",
        "mor hedder ikke noget særligt",
    ],
)
def test_a_story_is_no_slip(text: str) -> None:
    assert rules.slips(text) == []


def test_slips_stand_in_order_and_never_over_each_other() -> None:
    text = "Jeg hedder Ea, cpr 010190-1234, bor på Bakkevej 12, tlf. 20 30 40 50, ea@mail.example og 010190-1235."

    found = rules.slips(text)

    assert [slip.kind for slip in found] == ["name", "cpr", "place", "phone", "email", "cpr"]
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert rules.kinds(found) == ["name", "cpr", "place", "phone", "email"]


def test_a_mask_hides_what_was_found_and_nothing_else() -> None:
    text = "Før. Ring 20304050 eller skriv ea@mail.example. Efter."

    assert rules.masked(text, rules.slips(text)) == f"Før. Ring {rules.MASK} eller skriv {rules.MASK}. Efter."
    assert rules.masked(text, []) == text


@given(st.text(max_size=200))
def test_whatever_is_written_can_be_searched_and_masked(text: str) -> None:
    found = rules.slips(text)
    hidden = rules.masked(text, found)

    assert all(0 <= slip.start < slip.end <= len(text) for slip in found)
    assert hidden.count(rules.MASK) == len(found) + text.count(rules.MASK)


# ---- Whose page a form comes from ----

HERE = "https://huset.example"


@pytest.mark.parametrize(
    ("site", "origin", "referer", "ours"),
    [
        ("same-origin", None, None, True),
        ("none", None, None, True),
        ("cross-site", HERE, HERE, False),
        ("same-site", HERE, None, False),
        (None, HERE, None, True),
        (None, HERE, "https://andre.example/", True),
        (None, "https://andre.example", f"{HERE}/barn/", False),
        (None, "null", None, False),
        (None, "http://huset.example", None, False),
        (None, f"{HERE}.andre.example", None, False),
        (None, None, HERE, True),
        (None, None, f"{HERE}/barn/", True),
        (None, None, f"{HERE}.andre.example/", False),
        (None, None, f"https://andre.example/?{HERE}/", False),
        (None, None, "", False),
        (None, None, None, False),
        ("", "", "", False),
    ],
)
def test_a_form_is_ours_when_a_sign_says_so_and_no_sign_says_otherwise(site, origin, referer, ours: bool) -> None:
    assert rules.came_from_here(site=site, origin=origin, referer=referer, here=HERE) is ours


# ---- The hour one is told ----


def test_one_is_told_the_hour_one_saw_unless_it_went_by() -> None:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)

    def later(moment: datetime) -> datetime:
        return moment + timedelta(days=1)

    assert rules.promised(now + timedelta(minutes=1), now, later) == now + timedelta(minutes=1)
    assert rules.promised(now, now, later) == rules.promised(now - timedelta(days=9), now, later) == later(now)
