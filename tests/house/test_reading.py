"""The pages are easy to read: LIX of every public page of both houses, in Danish."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from brobygger.catalogue.models import Offer
from tests.house import source
from tests.house.lix import lix, running_text
from tests.letters import Visitor, keeper

#: How hard a page may be for the one who reads it.
CHILD, PARENT, PROFESSIONAL = 24, 34, 45
HOUSES = ("ditrum", "familiesupporten")

#: Address name, its values, and whom the page is for. Every public page that says something stands here.
PAGES: list[tuple[str, dict[str, Any], int]] = [
    ("catalogue:front", {}, PARENT),
    ("catalogue:offers", {}, PARENT),
    ("catalogue:groups", {}, PARENT),
    ("catalogue:questions", {}, PARENT),
    ("catalogue:kept", {}, PARENT),
    ("content:guide", {}, PARENT),
    ("content:municipalities", {}, PROFESSIONAL),
    ("content:reminder", {}, PARENT),
    ("door:write", {"door": "child"}, CHILD),
    ("door:write", {"door": "young"}, CHILD),
    ("door:write", {"door": "parent"}, PARENT),
    ("door:write", {"door": "professional"}, PROFESSIONAL),
    ("door:refer", {}, PROFESSIONAL),
    ("door:back", {}, CHILD),
    ("door:burn", {}, CHILD),
    ("door:rekey", {}, CHILD),
]


@pytest.fixture
def furnished(db: None) -> Callable[[str], None]:
    """Give a way to furnish the house from one of the files."""

    def furnish(house: str) -> None:
        call_command("furnish", str(source.ROOT / "houses" / f"{house}.toml"), verbosity=0)

    return furnish


def hard(pages: list[tuple[str, str, int]]) -> list[str]:
    """Name the pages that are harder to read than their reader should meet, with their longest sentences."""
    found = []
    for name, html, limit in pages:
        text = running_text(html)
        if (measured := lix(text)) > limit:
            longest = max(text.splitlines(), key=lix)
            found.append(
                f"{name}: LIX {measured:.0f}, at most {limit}; hardest: {longest[:160]!r} ({lix(longest):.0f})"
            )
    return found


@pytest.mark.parametrize("house", HOUSES)
def test_every_public_page_is_easy_to_read(house: str, furnished: Callable[[str], None], client: Client) -> None:
    """A child of ten, a tired parent, a health visitor between two visits."""
    furnished(house)
    offers = Offer.objects.order_by("key").values_list("key", flat=True).distinct()
    pages = []
    for name, values, limit in [*PAGES, *(("catalogue:offer", {"key": key}, PARENT) for key in offers)]:
        answer = client.get(reverse(name, kwargs=values))
        if answer.status_code == 404 and values:  # this house does not have that door
            continue
        assert answer.status_code == 200, f"{name} {values}: {answer.status_code}"
        pages.append((f"{house} {name} {values or ''}", answer.content.decode(), limit))
    source.clean(hard(pages))


@pytest.mark.parametrize("house", HOUSES)
def test_what_a_parent_reads_of_a_referral_is_easy_to_read(house: str, furnished: Callable[[str], None]) -> None:
    """The words one says yes to, the slip, and what the slip's own key opens."""
    furnished(house)
    visitor = Visitor()
    asked = visitor.get(visitor.at("door:refer")).text
    sent = visitor.refer(share="ladder", age_n="6", age_unit="months", expecting="on", interpreter="arabisk")
    assert sent.status == 200
    keeper()
    key = visitor.first_use(sent.key)
    keeper()
    pages = [
        (f"{house}: the words", between(asked, '<section class="note" aria-labelledby="words">'), PARENT),
        (f"{house}: the slip", between(sent.text, '<section class="slip-print'), PARENT),
        (f"{house}: the new key", key.text, PARENT),
        (f"{house}: who knows what", visitor.come_back(key.key).text, PARENT),
        (f"{house}: the referrer's page", sent.text, PROFESSIONAL),
        (f"{house}: the referrer's key", visitor.come_back(sent.keys[1]).text, PROFESSIONAL),
    ]
    assert all(running_text(html) for _name, html, _limit in pages)
    source.clean(hard(pages))


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize(("door", "limit"), [("parent", PARENT), ("young", PARENT), ("child", CHILD)])
def test_what_somebody_reads_who_says_who_they_are_is_easy_to_read(
    house: str, door: str, limit: int, furnished: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What changes, what comes of it, and what the key shows from then on."""
    from brobygger.door import family

    monkeypatch.setattr(family, "PATIENCE", 0.0)
    furnished(house)
    visitor = Visitor()
    if visitor.door(door).status == 404:
        return
    key = visitor.write(door=door).key
    keeper()
    before = visitor.come_back(key)
    asked = visitor.ask_who(before)
    sent = visitor.say_who(asked)
    keeper()
    pages = [
        (f"{house} {door}: behind the key", before.text, limit),
        (f"{house} {door}: what changes", asked.text, limit),
        (f"{house} {door}: it is sent", sent.text, limit),
        (f"{house} {door}: known here", visitor.come_back(key).text, limit),
    ]
    assert (asked.status, sent.status) == (200, 200)
    source.clean(hard(pages))


def between(html: str, begins: str) -> str:
    """Cut one section out of a page."""
    return f"<main>{html[html.index(begins) :].split('</section>')[0]}</main>"


def test_lix_is_counted_as_bjornsson_counted() -> None:
    """Two sentences of five words, two of the ten long: 5 + 20."""
    assert lix("Vi bor i et hus. Familien taler sammen om aftenen.") == pytest.approx(5 + 100 * 1 / 10 + 100 * 1 / 10)
    assert lix("") == 0
    assert lix("I dag kl.\u00a014.05 kommer du.") == 5


def test_a_hard_page_is_seen() -> None:
    """Planted: a page in the language of offices; its script, its headings and its menu are not its text."""
    hard_page = (
        "<html><header>Menu</header><main><h1>Hjælp</h1><script>x</script><p>Henvendelsen behandles efter gældende "
        "forvaltningsretlige bestemmelser om sagsbehandlingsfrister og underretningsforpligtelser.</p></main></html>"
    )
    assert running_text(hard_page).startswith("Henvendelsen")
    assert hard([("x", hard_page, PROFESSIONAL)])
    assert not hard([("y", "<main><p>Du kan skrive til os. Vi svarer i morgen.</p></main>", CHILD)])


def test_every_house_on_the_shelf_is_read() -> None:
    """A third house is read too."""
    assert {path.stem for path in Path(source.ROOT / "houses").glob("*.toml")} <= set(HOUSES)
