"""Danish is complete: every text has its Danish, sure of itself, filling in the same things."""

from pathlib import Path

from babel.messages.catalog import Catalog

from config import wordbook
from tests.house import source

#: Words a family never meets here (product.md); a whole word in any bending.
NEVER = r"\b(sag|sagen|sager|sagerne|sagsnummer|klient\w*|indberetning\w*)\b"


def test_danish_is_complete() -> None:
    """Nobody meets an English sentence on a Danish page, or an old one."""
    source.clean(wordbook.complaints(wordbook.collect(source.ROOT), wordbook.read(source.ROOT / wordbook.PO)))


def test_texts_never_say_case_or_client() -> None:
    """The words of an office stay out of the house."""
    import re

    catalogue = wordbook.read(source.ROOT / wordbook.PO)
    said = [form for message in catalogue if message.id for form in wordbook.forms(message.string)]
    source.clean(text for text in said if re.search(NEVER, text, re.IGNORECASE))


def test_gaps_in_the_danish_are_seen() -> None:
    """Planted: missing, uncertain, half a plural, a wrong filling-in, and a text nobody says any more."""
    words, danish = Catalog(locale="da"), Catalog(locale="da")
    for text in ("missing", "unsure", "Hello %(name)s", "fine", ("one", "%(n)s many"), ("a day", "%(n)s days")):
        words.add(text)
    danish.add("unsure", "usikker", flags=["fuzzy"])
    danish.add("Hello %(name)s", "Hej %(navn)s")
    danish.add("fine", "fint")
    danish.add(("one", "%(n)s many"), ("en", ""))
    danish.add(("a day", "%(n)s days"), ("en dag", "%(n)s dage"))
    danish.add("old", "gammel")
    found = wordbook.complaints(words, danish)
    assert len(found) == 5
    for part in ("no Danish for 'missing'", "uncertain", "plural form", "['%(navn)s']", "nobody says 'old'"):
        assert any(part in line for line in found), (part, found)


def test_texts_are_found_wherever_they_stand(tmp_path: Path) -> None:
    """In a tag, a block with a plural and a context, a filter, and in Python; and they come back whole."""
    page = tmp_path / "brobygger/door/templates/door/a.html"
    page.parent.mkdir(parents=True)
    page.write_text(
        '<h1 title="{% translate "One" %}">{{ _("Two")|upper }}</h1>\n   {% blocktranslate trimmed count n=n %}\n'
        "     One day\n  {% plural %}{{ n }} days{% endblocktranslate %}\n"
        '{% translate "May" context "month" %}{% include "b" with a=_("Three") %}'
    )
    (tmp_path / "brobygger/door/rules.py").write_text('from x import gettext_lazy as _\nA = _("Four " "lines")\n')
    words = wordbook.collect(tmp_path)
    found = {message.id for message in words if message.id}
    assert found == {"One", "Two", "Three", "Four lines", "May", ("One day", "%(n)s days")}
    danish = Catalog(locale="da")
    danish.add(("One day", "%(n)s days"), ("En dag", "%(n)s dage"))
    danish.add("May", "maj", context="month")
    assert wordbook.fill(words, danish) == []
    po = tmp_path / "django.po"
    wordbook.write(words, po)
    once = po.read_text()
    again = wordbook.read(po)
    assert again.get("May", "month").string == "maj"
    wordbook.fill(words, again)
    wordbook.write(words, po)
    assert po.read_text() == once


def test_two_colleagues_who_disagree_are_heard() -> None:
    """A fragment's Danish wins, and what it replaced is said."""
    here, fragment = Catalog(locale="da"), Catalog(locale="da")
    here.add("Come in", "Kom ind")
    fragment.add("Come in", "Træd ind")
    fragment.add("Empty", "")
    assert len(wordbook.take(here, fragment)) == 1
    assert here.get("Come in").string == "Træd ind"
    assert here.get("Empty") is None
