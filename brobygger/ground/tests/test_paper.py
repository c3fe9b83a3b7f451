"""Papers: what somebody else's reader finds in our PDF, and that data never becomes markup."""

from io import BytesIO
from typing import Any

import pypdf
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from brobygger.ground import paper

HOSTILE = (
    '#panic("x") *fed* _kursiv_ @navn $x^2$ [klamme] <mærke> = ikke en overskrift // ikke en bemærkning '
    '`k` \\ "a" \\u{41}'
)


def letter(*words: str, made_at: str = "2026-03-02T09:00:00+01:00") -> dict[str, Any]:
    """Give the data of a small paper that says these words."""
    pieces = [{"text": each} for each in words]
    entry = {"heading": "Note", "meta": "", "facts": [], "words": [{"label": "", "pieces": pieces}]}
    section = {"key": "notes", "heading": "Noter", "intro": "", "entries": [entry]}
    return {"made_at": made_at, "house": "Huset", "footer": "Huset", "opening": [], "sections": [section]}


def pdf(*words: str, **more: Any) -> bytes:
    return paper.pdf(template="rights/access.typ", data=letter(*words, **more), title="Om dig", language="da")


def read(data: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(data)).pages).split())


def test_another_reader_finds_structure_language_and_title() -> None:
    """What PDF/UA asks for, seen by a program that is not the one that wrote it."""
    found = pypdf.PdfReader(BytesIO(pdf("Mette sover bedre nu.")))
    root = found.trailer["/Root"].get_object()
    assert root["/Lang"] == "da" and root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] and found.metadata and found.metadata.title == "Om dig"
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    assert "Mette sover bedre nu." in found.pages[0].extract_text()
    fonts = [font.get_object() for font in found.pages[0]["/Resources"]["/Font"].values()]
    inside = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for font in fonts]
    assert fonts and all({"/FontFile", "/FontFile2", "/FontFile3"} & each.keys() for each in inside)


def test_headings_stand_in_the_tree() -> None:
    """A screen reader goes from heading to heading."""
    found = pypdf.PdfReader(BytesIO(pdf("Ord.")))
    kinds, left = set(), [found.trailer["/Root"]["/StructTreeRoot"]]
    while left:
        node = left.pop().get_object()
        if isinstance(node, list):
            left += node
        elif isinstance(node, dict):
            kinds.add(node.get("/S"))
            left += [node["/K"]] if "/K" in node else []
    assert {"/Document", "/H1", "/H2", "/P"} <= kinds


def test_what_looks_like_markup_comes_out_word_for_word() -> None:
    assert " ".join(HOSTILE.split()) in read(pdf(HOSTILE))


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="#*_@$[]<>=/`\\\"{}()~'+-&%!|:;, abcæøå\n", min_size=1, max_size=60))
@example('#[#import "/x.typ"]')
@example("- et\n+ to\n/ tre: fire")
def test_no_text_is_read_as_anything_but_text(text: str) -> None:
    """Each sign stands in the paper, in its order; only where a line breaks is the layout's."""
    wanted = "".join(text.split())
    assert wanted in "".join(read(pdf(f"X{text}Y")).split())


def test_the_same_data_gives_the_same_bytes() -> None:
    assert pdf("Ord.") == pdf("Ord.")
    assert pdf("Ord.") != pdf("Andre ord.")


def test_the_hour_is_the_datas() -> None:
    made = pypdf.PdfReader(BytesIO(pdf("Ord.", made_at="2026-03-02T09:00:00+01:00"))).metadata
    assert made and str(made.creation_date) == "2026-03-02 08:00:00+00:00"
    with pytest.raises(KeyError):
        paper.pdf(template="rights/access.typ", data={"house": ""}, title="", language="da")


def test_a_sign_without_a_drawing_is_named_and_breaks_nothing() -> None:
    """A smile in a note, a Chinese name, a bell from a broken phone, half a sign: the paper comes out, and says so."""
    said = read(pdf("Hun skrev \U0001f60a til 中. \x07Ring\ufeff nu \ud83d."))
    assert "[smiling face with smiling eyes]" in said and "[cjk unified ideograph-4e2d]" in said and "Ring nu" in said
    other = "Привіт, السلام, שלום, tiếng Việt, ağ"
    assert "Привіт" in read(pdf(other)) and "ağ" in read(pdf(other))


def test_a_wrong_template_is_said_without_a_word_of_the_data() -> None:
    data = letter("hemmelig sætning") | {"sections": 3}
    with pytest.raises(paper.PaperFailed) as failed:
        paper.pdf(template="rights/access.typ", data=data, title="Om dig", language="da")
    assert "hemmelig" not in str(failed.value)


def test_nobodys_paper_is_drawn_in_the_memory_of_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library remembers what it has drawn: it is never asked in this process, only in one that ends."""

    def remembered(*asked: Any, **how: Any) -> bytes:
        raise AssertionError("drawn here")

    monkeypatch.setattr(paper.typst, "compile", remembered)
    assert "Mette" in read(pdf("Mette sover bedre nu."))
    with pytest.raises(AssertionError):
        paper.drawn(template="rights/access.typ", data=letter("Mette"), title="", language="da")
