"""The father asks to see what is held about his child. What the mother said, and the child alone, stays out."""

import json
import re
from io import BytesIO
from pathlib import Path

import pypdf
from playwright.sync_api import Locator

from tests.journeys.conftest import DAY, Clocked, Lend
from tests.journeys.walking import DESK, PHONE, Walker, at
from tests.running import House

FATHERS = "Jens fortalte, at han læser højt for Liv hver torsdag."
MOTHERS = "Mette sagde, at hun leder efter en lejlighed i Odense."
CHILDS = "Liv hviskede, at hun tæller flaskerne."
#: A family of Alma's: a note about the child with a sentence of each parent's, and one from the child's own talks.
BEGUN = f"""
from uuid import uuid4
from brobygger.access import queries as people
from brobygger.casework import notes
from brobygger.casework.tests.families import begin, person
alma = people.person("alma")
course = begin(alma)
for compartment, text in (("record", "{FATHERS} {MOTHERS}"), ("own_talks", "{CHILDS}")):
    notes.write(member=person(course, 2), compartment=compartment, text=text, by=alma, once=uuid4())
print(course.pk, course.nickname)
"""
#: Words of what stays out, each enough to know it by.
OUT = ("Odense", "lejlighed", "hviskede", "flaskerne", "Egne samtaler", "egne samtaler")
IN = ("læser højt", "torsdag")


def test_the_father_sees_his_own_words_and_not_the_mothers(ditrum: Clocked, at_work: Lend, tmp_path: Path) -> None:
    house = ditrum.at(DAY)
    course, nickname = begun(house)
    clara, alma = at_work(house, "clara", DESK), at_work(house, "alma", PHONE)
    there = takes_it_in(clara, course)
    is_looked_through_by_alma(clara)
    weighs(alma, there, nickname)

    clara.open(there)
    clara.look("a paper that is ready")
    says_what_it_may(as_a_page(clara, there))
    says_what_it_may(as_a_pdf(clara, there))
    says_what_it_may(as_a_file(clara, there))
    alma.open(there)
    alma.look("handed out")
    handed = alma.text("article.letter")
    assert handed.count("af clara") == 3 and "som en PDF" in handed
    the_trail_says_so(clara, nickname)
    assert not re.search("Odense|hviskede|Traceback", house.log), house.log


def begun(house: House) -> tuple[str, str]:
    """Begin the course, and give its id and its nickname."""
    course, nickname = house.ask(BEGUN).splitlines()[-1].split(" ", 1)
    return course, nickname


def takes_it_in(clara: Walker, course: str) -> str:
    """Write down that the father stands here and asks; give the request's address."""
    clara.open(at("rights:course", course=course))
    clara.look("what was asked in a course")
    clara.send(f'a[href="{at("rights:register", course=course)}"]')
    clara.send("main form button.action", 422)
    clara.look("somebody asks, and it is not said who")
    clara.press("label.choice:has([name=right][value=custody])")
    clara.write("[name=who]", "Faren. Han har del i forældremyndigheden, og vi kender ham.")
    clara.press("label.choice:has([name=way][value=present])")
    clara.write("[name=words]", "Jeg vil se, hvad I har skrevet om Liv.")
    assert clara.find("[name=asked_on]").input_value() == DAY[:10]
    clara.write("[name=asked_on]", "2026-11-20")
    clara.send("main form button.action")
    clara.look("a request, before anybody looks it through")
    assert "Odense" not in clara.page.content() and "læser højt" not in clara.page.content()
    beside = clara.text("aside")
    assert "20. november" in beside and "20. december" in beside, "a month from the day he asked"
    return clara.page.url.removeprefix(clara.house.url)


def is_looked_through_by_alma(clara: Walker) -> None:
    """Let the therapist who has the course look it through."""
    form = clara.find("form:has([name=weighs])")
    form.locator("select").select_option("alma")
    clara.send(form.locator("button"))
    assert "Alma" in clara.text("aside dl")


def weighs(alma: Walker, there: str, nickname: str) -> None:
    """Say whom it is about, leave the child's own talks out, and decide sentence by sentence."""
    alma.open(at("rights:waiting"))
    alma.look("what people ask about themselves")
    alma.send(alma.find("main .row a").filter(has_text=nickname))
    assert alma.page.url.endswith(there)
    alma.look("a request about nobody knows whom")
    assert alma.find("[name=held], form:has([name=names])").count() == 0, "first whom it is about"
    about = alma.find("form:has([name=about])")
    alma.press(about.locator("label.choice", has_text="Liv"))
    alma.send(about.locator("button"))
    assert "flaskerne" not in alma.page.content(), "what the child said alone waits for a decision"
    alma.unfold("[name=given]")
    alma.look("a request that is looked through")
    alma.press("label.choice:has([name=given][value=no])")
    alma.send("form:has([name=given]) button")
    alma.send("main p.actions a.action")
    weighed = 0
    while alma.find("[name=held]").count():
        assert (weighed := weighed + 1) < 20
        decides(alma)
    alma.look("everything is looked through")
    alma.unfold("table.list")
    assert alma.find("main table.list .tag").filter(has_text="holdt tilbage").count() == 1
    alma.send("form:has([name=names]) button.action")


def decides(alma: Walker) -> None:
    """Hold back what the mother said, and give the rest."""
    assert "flaskerne" not in alma.page.content()
    hers = alma.page.locator("label.choice", has_text="Odense")
    if hers.count():
        alma.press(hers)
        alma.send("main form button.action", 422)
        alma.look("held back, and not said why")
        alma.page.select_option("[name=why]", "third_person")
    alma.send("main form button.action")


def says_what_it_may(said: str) -> None:
    """See that his own words are there, that it says something is held back and why, and that the rest is nowhere."""
    flat = " ".join(said.split())
    assert all(words in flat for words in IN), flat
    assert "en anden har sagt det" in flat.lower(), flat
    assert "Hvem har kigget" in flat and "familieterapeut" in flat.lower(), "who has looked stands in it"
    assert not [words for words in OUT if words in flat], flat


def as_a_page(clara: Walker, there: str) -> str:
    clara.open(there)
    clara.send("button[value=page]")
    clara.look("a paper to print")
    said = clara.text("article.given")
    assert not [words for words in OUT if words in clara.page.content()]
    return said


def as_a_pdf(clara: Walker, there: str) -> str:
    data = downloaded(clara, there, "pdf")
    found = pypdf.PdfReader(BytesIO(data))
    root = found.trailer["/Root"].get_object()
    assert root["/Lang"] == "da" and root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root, "it is tagged"
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    return " ".join(page.extract_text() for page in found.pages)


def as_a_file(clara: Walker, there: str) -> str:
    data = downloaded(clara, there, "json").decode()
    assert json.loads(data)
    return json.dumps(json.loads(data), ensure_ascii=False)


def downloaded(clara: Walker, there: str, how: str) -> bytes:
    """Press for the file, and read it."""
    clara.open(there)
    with clara.page.expect_download() as coming:
        clara.press(f"button[value={how}]")
    assert coming.value.suggested_filename.endswith(f".{how}")
    return Path(coming.value.path()).read_bytes()


def the_trail_says_so(clara: Walker, nickname: str) -> None:
    """Read in the log what was decided, and that it was handed out three times."""
    assert lines_by("clara", clara, nickname).filter(has_text="gav ud").count() == 3, clara.text("tbody")
    alma = lines_by("alma", clara, nickname)
    assert alma.filter(has_text="bestemte om barnets egne samtaler").count() == 1, clara.text("tbody")
    held = alma.filter(has_text="hvad der holdes tilbage").filter(has_text="Noget er holdt tilbage")
    assert held.count() == 1, clara.text("tbody")


def lines_by(handle: str, clara: Walker, nickname: str) -> Locator:
    """Find the lines of one colleague about the course."""
    clara.open(at("today:looks"))
    clara.find("[name=by]").select_option(handle)
    clara.send("main form button.action")
    return clara.find("tbody tr").filter(has_text=nickname)
