"""Collects the texts of the house and keeps their Danish; `manage.py words` and the tests use it."""

import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PO = Path("locale/da/LC_MESSAGES/django.po")
ROOTS = ("brobygger", "config")
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = """msgid ""
msgstr ""
"Language: da\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdf]|(?<!\{)\{\w*\}(?!\})")


def sources(root: Path) -> Iterator[Path]:
    """Name the files whose texts people see."""
    for folder in ROOTS:
        for path in sorted((root / folder).rglob("*")):
            parts = path.relative_to(root).parts
            if {"tests", "migrations"} & set(parts):
                continue
            if path.suffix == ".py" or ("templates" in parts and path.suffix in {".html", ".txt"}):
                yield path


def python_of(template: str) -> bytes:
    """Turn a template into lines of plain Python that hold only its texts."""
    lines = [line.strip() for line in templatize(template).splitlines()]
    return "\n".join(line for line in lines if "gettext(" in line or "_(" in line).encode()


def collect(root: Path) -> Catalog:
    """Read every text out of the templates and the Python files."""
    words = Catalog(locale="da", fuzzy=False)
    for path in sources(root):
        raw = path.read_bytes()
        code = raw if path.suffix == ".py" else python_of(raw.decode())
        for _, text, _, context in extract("python", BytesIO(code), keywords=KEYWORDS):
            words.add(text, locations=[(path.relative_to(root).as_posix(), 0)], context=context)
    return words


def read(path: Path) -> Catalog:
    """Read a .po file; a file that is not there holds no words."""
    if not path.exists():
        return Catalog(locale="da", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale="da", abort_invalid=True)


def forms(text: Any) -> tuple[str, ...]:
    """Give the forms of a text or of its Danish: one, or a singular and a plural."""
    return tuple(text) if isinstance(text, (tuple, list)) else (text or "",)


def translated(message: Message) -> bool:
    """Say whether a text has its Danish, in every form it needs."""
    return not message.fuzzy and all(forms(message.string)) and len(forms(message.string)) == len(forms(message.id))


def take(catalogue: Catalog, fragment: Catalog) -> list[str]:
    """Merge a fragment's Danish into the catalogue; return where two colleagues disagree (the later one wins)."""
    conflicts = []
    for message in fragment:
        if not message.id or not translated(message):
            continue
        here = catalogue.get(message.id, message.context)
        if here is not None and translated(here) and here.string != message.string:
            conflicts.append(f"{message.id!r} was {here.string!r}, is now {message.string!r}")
        catalogue.delete(message.id, message.context)
        catalogue.add(message.id, message.string, context=message.context)
    return conflicts


def fill(words: Catalog, catalogue: Catalog) -> list[str]:
    """Give the collected texts their Danish; return the texts in the catalogue that nobody uses any more."""
    for message in words:
        known = catalogue.get(message.id, message.context) if message.id else None
        if known is not None and known.pluralizable == message.pluralizable:
            message.string = known.string
            message.flags = set(message.flags) | ({"fuzzy"} if known.fuzzy else set())
    return unused(words, catalogue)


def unused(words: Catalog, catalogue: Catalog) -> list[str]:
    """Name what the catalogue holds and no page says."""
    return [str(m.id) for m in catalogue if m.id and words.get(m.id, m.context) is None]


def write(words: Catalog, path: Path) -> None:
    """Write the catalogue, sorted, without line numbers and dates, so that a change shows only what changed."""
    body = BytesIO()
    write_po(body, words, sort_output=True, omit_header=True, include_lineno=False, width=110)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(HEADER.encode() + body.getvalue().strip() + b"\n")


def compile_to(po: Path) -> None:
    """Write the .mo file beside the .po file, in one step: a house that starts at this moment reads a whole one."""
    fresh = po.with_suffix(f".{os.getpid()}.mo")
    with fresh.open("wb") as file:
        write_mo(file, read(po))
    fresh.replace(po.with_suffix(".mo"))


def complaints(words: Catalog, catalogue: Catalog) -> list[str]:
    """Say in plain words everything that keeps the Danish from being whole."""
    found = []
    for message in words:
        if not message.id:
            continue
        known = catalogue.get(message.id, message.context)
        if known is None or not any(forms(known.string)):
            found.append(f"no Danish for {message.id!r} ({', '.join(path for path, _ in message.locations)})")
        elif known.fuzzy:
            found.append(f"uncertain Danish for {message.id!r}: {known.string!r}")
        elif not translated(known):
            found.append(f"a plural form is missing for {message.id!r}")
        else:
            found += disagreeing(known)
    return found + [f"nobody says {text!r} any more" for text in unused(words, catalogue)]


def disagreeing(message: Message) -> list[str]:
    """Say where the Danish fills in other things than the English does."""
    wanted = {mark for text in forms(message.id) for mark in PLACEHOLDER.findall(text)}
    found = []
    for text in forms(message.string):
        marks = set(PLACEHOLDER.findall(text))
        if marks - wanted or (not message.pluralizable and wanted - marks):
            found.append(f"{message.id!r} fills in {sorted(wanted)}, its Danish {sorted(marks)}")
    return found
