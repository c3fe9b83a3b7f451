"""T8: a public page is only itself: no cookie, closed headers, no other host, and small enough for the first breath."""

import gzip
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from tests.letters import Page, Visitor, sign_in
from tests.promises import searching
from tests.running import House

pytestmark = pytest.mark.promise(
    "T8",
    da="Vi sætter ingen cookies, og siderne henter intet fra andre. Hver side fylder højst 14 KB, så den også kommer "
    "frem på en gammel telefon.",
    en="We set no cookies, and the pages fetch nothing from anybody else. Each page is at most 14 KB, so that it "
    "arrives on an old phone too.",
)
MOST = 14 * 1024
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'; script-src 'self'"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), fullscreen=(), "
        "geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), "
        "screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()"
    ),
    "content-type": "text/html; charset=utf-8",
}
#: Let the street read the questions, and name those of WHO-5 as a link does.
PUBLISHED = """
from brobygger.door.rules import form_code
from brobygger.outcomes import letters
letters.publish(by="keeper")
print(form_code("who5", "1"))
"""
#: What differs from page to page and says nothing about a visitor.
PLAIN = {"content-length", "content-language", "content-encoding", "vary", "date", "server", "location"}


class Links(HTMLParser):
    """Everything a page points at: what it loads, where its forms go, where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Sort what a tag points at."""
        found = dict(attrs)
        for name in ("src", "srcset", "href", "action", "formaction", "poster", "data", "ping", "background"):
            if found.get(name) is None:
                continue
            if tag in ("a", "form", "button"):
                self.leads.append((str(found[name]), found))
            elif not str(found[name]).startswith("#"):
                self.loads.append(str(found[name]))


@pytest.fixture(scope="module")
def pages(house: House) -> Iterator[dict[str, Page]]:
    """Every public page in both languages, information and errors too, as a browser with gzip gets them."""
    found: dict[str, Page] = {}
    for language in ("da", "en"):
        ea = Visitor(house.url, language, {"Accept-Encoding": "gzip"})
        for name, page in _all_pages(house, ea):
            found[f"{language} {name}"] = page
        ea.close()
    yield found


def unpacked(page: Page) -> Page:
    """The page as a browser shows it."""
    body = gzip.decompress(page.body) if page.header("content-encoding") == "gzip" else page.body
    return Page(page.status, page.headers, body)


def _all_pages(house: House, ea: Visitor) -> Iterator[tuple[str, Page]]:
    yield from ((name, ea.get(ea.at(f"catalogue:{name}"))) for name in ("front", "offers", "questions", "kept"))
    yield from ((name, ea.get(ea.at(f"content:{name}"))) for name in ("guide", "municipalities", "reminder"))
    yield "no such day", ea.get(ea.at("content:reminder") + "?sent=2026-02-30")
    offers = unpacked(ea.get(ea.at("catalogue:offers"))).text
    for key in sorted(set(re.findall(rf'href="{ea.at("catalogue:offers")}([a-z0-9-]+)/"', offers))):
        yield f"offer {key}", ea.get(ea.at("catalogue:offer", key=key))
    yield "offers for an age", ea.get(ea.at("catalogue:offers") + "?age=9")
    for door in ("child", "young", "parent", "professional"):
        for wish in ("write", "call", "time"):
            yield f"{door} {wish}", ea.door(door, wish)
    yield "professional sparring", ea.door("professional", "sparring")
    yield from _referred(house, ea)
    for name in ("back", "burn", "rekey"):
        yield name, ea.get(ea.at(f"door:{name}"))
    yield "not found", ea.get(ea.at("door:back") + "nothing/")
    yield from _asked(house, ea)
    yield from _written(house, ea)


def _asked(house: House, ea: Visitor) -> Iterator[tuple[str, Page]]:
    """The pages of whoever answers by a link, which is one or is none: this side cannot tell."""
    code = house.ask(PUBLISHED).splitlines()[-1]
    path = ea.at("door:asked", codes=code, secret="0" * 26)
    first = ea.get(path)
    yield "a question", first
    ticket = {"ticket": unpacked(first).hidden("ticket")}
    yield "a question, planted", ea.post(path, ticket | {"at": "1", "answer": "5"}, {})
    yield "a question, nothing chosen", ea.post(path, ticket | {"at": "2", "said-1": "5", "go": "next"})
    yield "all is answered", ea.post(path, ticket | {"at": "5", "said-1": "5", "answer": "3"})
    yield "would rather not answer", ea.post(path, ticket | {"at": "1", "go": "none"})
    yield "answered by a link", ea.post(path, ticket | {"at": "6", "said-1": "5", "go": "send"})


def _referred(house: House, ea: Visitor) -> Iterator[tuple[str, Page]]:
    """The pages of a referral: filled in by two, sent, opened with both keys, taken back."""
    path = ea.at("door:refer")
    yield "refer", ea.get(path)
    token = unpacked(ea.get(path)).hidden("token")
    yield "refer, nothing filled in", ea.post(path, {"token": token})
    yield "refer, slips", ea.refer(token, text="Jeg hedder Mette, 010203-4567, Nørrevej 7, mette@example.com")
    yield "refer, planted", ea.post(path, {"token": token}, {})
    more = {"age_n": "6", "age_unit": "months", "place": "hvidovre", "profession": "midwife", "interpreter": "arabisk"}
    sent = ea.refer(token, share="ladder", text="Hun vil gerne ses hjemme. " * 20, message="on", **more)
    yield "referred", sent
    slip, own = unpacked(sent).keys
    searching.until(lambda: searching.settled(house))
    changed = ea.come_back(slip, unpacked(ea.get(ea.at("door:back"))).hidden("token"))
    yield "a lent key changed", changed
    searching.until(lambda: searching.settled(house))
    known = ea.come_back(unpacked(changed).key)
    yield "who knows what", known
    yield "the ladder", ea.come_back(own)
    consent = unpacked(known).all("consent")[0]
    yield "taken back", ea.act(unpacked(known), "withdraw", consent=consent)
    yield "closed", ea.come_back(own)


def _written(house: House, ea: Visitor) -> Iterator[tuple[str, Page]]:
    """The pages somebody meets who writes, comes back to an answer with three visits, and gets something wrong."""
    token = unpacked(ea.door("parent")).hidden("token")
    slips = ea.send(token, "Jeg hedder Mette, ring 20304050, mette@example.com, Nørrevej 7, 010203-4567")
    yield "slips", slips
    yield "planted", ea.post(ea.at("door:write", door="parent"), {"token": token, "text": "Kære hus"}, {})
    yield "empty", ea.send(token, "")
    yield "expired", ea.send("x" * 80, "Kære hus")
    sent = ea.send(token, "Kære hus " * 40)
    yield "key", sent
    key = unpacked(sent).key
    searching.until(lambda: searching.settled(house))
    yield "waiting", ea.come_back(key)
    (bo,) = sign_in(house, "bo")
    thread = bo.thread(key[:4])
    bo.do("intake:take", thread=thread)
    page = bo.get(bo.at("intake:thread", thread=thread) + "?where=home")
    form = {
        "where": "home",
        "times": page.all("times")[:3],
        "seen": page.hidden("seen"),
        "text": "Godt, du skrev. " * 30,
    }
    assert bo.do("intake:answer", form, thread=thread).status == 302
    bo.close()
    answered = ea.come_back(key)
    yield "answered", answered
    held = unpacked(answered)
    yield "booked", ea.act(held, "choose", proposal=held.all("proposal")[0])
    yield "standing", ea.come_back(key)
    yield "moved", ea.act(held, "move")
    yield "more", ea.act(held, "text", text="mere")
    yield "nothing more", ea.act(held, "text", text="")
    yield "key typed again", ea.post(ea.at("door:act", action="text"), {"ticket": "x", "more-text": "mere"})
    yield "wrong key", ea.come_back("X49B-2QPH-13R1-M027")
    yield "mistyped", ea.come_back("X49B")
    rekeyed = ea.post(ea.at("door:rekey"), {"key": key, "token": unpacked(ea.get(ea.at("door:rekey"))).hidden("token")})
    yield "rekeyed", rekeyed
    yield "burned", ea.burn(unpacked(rekeyed).key)


def test_every_page_came(pages: dict[str, Page]) -> None:
    wrong = {name: page.status for name, page in pages.items() if page.status >= 500 or page.status in (301, 302)}

    assert len(pages) > 70
    assert wrong == {}


def test_no_page_sets_a_cookie(pages: dict[str, Page]) -> None:
    assert [name for name, page in pages.items() if page.header("set-cookie")] == []


def test_every_page_has_exactly_these_headers(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        sent = {key.lower(): value for key, value in page.headers if key.lower() not in PLAIN}
        assert sent == HEADERS, name
        assert page.header("server") == "granian", "no version"


def test_leaving_asks_the_browser_to_forget(house: House) -> None:
    page = Visitor(house.url).get("/forlad/")

    assert page.status == 302
    assert page.header("clear-site-data") == '"cache"'
    assert page.header("cache-control") == "no-store"
    assert not page.header("set-cookie")


def test_no_page_loads_anything_from_elsewhere(pages: dict[str, Page]) -> None:
    loads = {each for page in pages.values() for each in Links(unpacked(page).text).loads}

    assert loads and all(each.startswith("/") and not each.startswith("//") for each in loads), loads


def test_a_page_points_elsewhere_only_to_leave(pages: dict[str, Page], house: House) -> None:
    leave = {page.header("location") for page in [Visitor(house.url).get("/forlad/")]}
    elsewhere = {
        (name, lead)
        for name, page in pages.items()
        for lead, attributes in Links(unpacked(page).text).leads
        if not lead.startswith(("/", "#", "tel:", "?")) or lead.startswith("//")
        if not (lead in leave and "data-leave" in attributes and attributes.get("rel") == "noreferrer")
    }

    assert elsewhere == set()


def test_nothing_stands_inline(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        text = unpacked(page).text
        assert "<style" not in text and " style=" not in text, name
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), name
        assert not re.search(r"\son[a-z]+=", text), name


def on_the_wire(page: Page) -> int:
    """Count a whole answer: its first line, its headers, its body."""
    return (
        len(f"HTTP/1.1 {page.status} OK\r\n\r\n") + sum(len(k) + len(v) + 4 for k, v in page.headers) + len(page.body)
    )


def test_every_page_arrives_in_the_first_breath(pages: dict[str, Page], house: House) -> None:
    ea = Visitor(house.url, headers={"Accept-Encoding": "gzip"})
    beside = {each: ea.get(each) for page in pages.values() for each in Links(unpacked(page).text).loads}
    weights = {}
    for name, page in pages.items():
        assert page.header("content-encoding") == "gzip", name
        weights[name] = on_the_wire(page) + sum(on_the_wire(beside[each]) for each in Links(unpacked(page).text).loads)
    heaviest = sorted(weights, key=weights.__getitem__, reverse=True)
    for each in heaviest[:5]:
        print(f"{weights[each] / 1024:.2f} KB  {each} (HTML {len(pages[each].body)} bytes)")
    for path, page in beside.items():
        print(f"       {len(page.body)} bytes  {path}")

    assert {page.status for page in beside.values()} == {200}
    assert {name: weight for name, weight in weights.items() if weight > MOST} == {}


def test_a_style_or_a_picture_points_nowhere_else(pages: dict[str, Page], house: House) -> None:
    ea = Visitor(house.url)
    for path in {each for page in pages.values() for each in Links(unpacked(page).text).loads}:
        page = ea.get(path)
        found = re.findall(r"url\(([^)]*)\)|@import|https?://(?!www\.w3\.org/)[^\s\"')]+", page.text)
        assert found == [], path
        assert not page.header("set-cookie")
