"""Who gets in where: the table in addresses.txt, and how what really happens is put into its words.

python -m tests.house.addresses            what everybody gets today, lines that differ from the table marked
python -m tests.house.addresses --write    the same, written into the table: read what changed
"""

import argparse
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.translation import override

TABLE = Path(__file__).with_name("addresses.txt")
#: What an address asks for: `<uuid:thread>`.
ASKED = re.compile(r"<(?:\w+:)?(\w+)>")
#: Where a run writes down what it saw, when somebody asked for it.
SEEN = "BROBYGGER_ADDRESSES_SEEN"

#: The columns. `half` has signed in with a password alone; `colleague` is a therapist who has not taken the thread.
WHO = (
    "anonymous", "half", "no-role", "therapist", "colleague", "administrator", "leader", "communications", "partner",
    "operator",
)  # fmt: skip
METHODS = ("GET", "POST")
WORDS = {
    "yes": "the page answers (also: says what is missing in a form)",
    "on": "the page did its work, or has something better, and sends on",
    "sign-in": "is asked to sign in",
    "step-two": "is asked for the second step",
    "-": "404: for this person the page does not exist",
    "405": "the page does not take this method",
    "403": "refused",
}
#: What is sent along with a POST, where an empty form would be turned away before anybody asks who it is.
FORMS: dict[str, dict[str, str]] = {
    "intake:hand_over": {"to": "bo"},
    "intake:contact": {"reason": "Familien bad om at blive ringet op."},
    "intake:break_glass": {"reason": "Alma er syg i dag."},
    "rights:hand_out": {"how": "page"},
}


#: For each parameter of an address, what may stand there: a word for it, and the thing itself.
Things = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Place:
    """One line's address: its name in the table, its page's name, and where it is in one language."""

    line: str
    name: str
    path: str


def patterns(tree: list[Any], before: str = "/", spaces: str = "") -> Iterator[tuple[str, URLPattern, str]]:
    """Walk the tree of addresses: where each page is in the language of the moment, the page, and its name's spaces."""
    for each in tree:
        here = before + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = f"{spaces}{each.namespace}:" if each.namespace else spaces
            yield from patterns(each.url_patterns, here, inner)
        elif isinstance(each, URLPattern):
            yield here.replace("\\Z", "").lstrip("^"), each, spaces


def places(things: Things, language: str) -> Iterator[Place]:
    """Give every address of the house in one language, once for each thing that may stand in it."""
    with override(language):
        found = list(patterns(get_resolver().url_patterns))
        names = Counter((spaces, page.name, str(page.default_args)) for _where, page, spaces in found)
        for where, page, spaces in found:
            name = f"{spaces}{page.name}" if page.name else where
            fixed = ",".join(str(value) for value in page.default_args.values())
            # One page under two addresses: the things they ask for tell them apart.
            twice = page.name and names[spaces, page.name, str(page.default_args)] > 1
            asked = "+".join(ASKED.findall(where)) if twice else ""
            for said, path in filled(where, things):
                extra = ",".join(part for part in (fixed, asked, said) if part)
                yield Place(f"{name}[{extra}]" if extra else name, name, path)


def filled(path: str, things: Things) -> Iterator[tuple[str, str]]:
    """Put each thing into an address that asks for one."""
    asked = ASKED.search(path)
    if asked is None:
        yield "", path
        return
    if asked[1] not in things:
        raise LookupError(f"{path}: say in tests/lived_in.py what may stand in <{asked[1]}>")
    for word, value in things[asked[1]].items():
        for rest, done in filled(path.replace(asked[0], value, 1), things):
            yield ",".join(part for part in (word if len(things[asked[1]]) > 1 else "", rest) if part), done


def outcome(response: HttpResponse) -> str:
    """Put what happened into one of the table's words."""
    status, to = response.status_code, response.headers.get("Location", "")
    if status in {301, 302, 303}:
        entrance, second = set(), set()
        for language in ("da", "en"):
            with override(language):
                entrance.add(reverse("account_login"))
                second |= {reverse("mfa_reauthenticate"), reverse("mfa_activate_totp")}
        where = to.split("?")[0]
        return "sign-in" if where in entrance else "step-two" if where in second else "on"
    known = {404: "-", 405: "405", 403: "403"}
    return known.get(status) or ("yes" if status < 300 or status in {400, 409, 422} else str(status))


Table = dict[tuple[str, str], tuple[str, ...]]


def read(text: str) -> Table:
    """Read the table; a line that is not understood, or stands twice, is an error."""
    table: Table = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, method, *cells = line.split()
        if method not in METHODS or len(cells) != len(WHO) or not set(cells) <= WORDS.keys():
            raise ValueError(f"{TABLE.name}:{number} is not a line of the table: {line}")
        if (name, method) in table:
            raise ValueError(f"{TABLE.name}:{number} stands twice: {name} {method}")
        table[name, method] = tuple(cells)
    return table


def written(table: Table) -> str:
    """Write the table, in columns an eye can follow."""
    wide = max(len(name) for name, _ in table) + 2
    columns = [max(len(who), 8) + 1 for who in WHO]

    def row(name: str, method: str, cells: tuple[str, ...]) -> str:
        padded = "".join(f"{cell:<{width}}" for cell, width in zip(cells, columns, strict=True))
        return f"{name:<{wide}} {method:<5}{padded}"

    head = [
        "# Who gets in where: every address of the house, in both languages, for everybody who may knock.",
        "# tests/house/test_addresses.py holds the house to it; python -m tests.house.addresses shows what is so.",
        *(f"#   {word:<9} {meaning}" for word, meaning in WORDS.items()),
        "",
        f"#{'address':<{wide - 1}} {'':<5}"
        + "".join(f"{who:<{width}}" for who, width in zip(WHO, columns, strict=True)),
    ]
    lines = (row(*line, cells) for line, cells in table.items())
    return "\n".join([*head, *(line.rstrip() for line in lines)]) + "\n"


def differences(seen: Table, table: Table) -> list[str]:
    """Say where the house and the table part."""
    found = [f"{name} {method} is not in {TABLE.name}" for name, method in seen.keys() - table.keys()]
    found += [
        f"{name} {method} is in {TABLE.name} and nowhere in the house" for name, method in table.keys() - seen.keys()
    ]
    for line in seen.keys() & table.keys():
        for who, is_so, should in zip(WHO, seen[line], table[line], strict=True):
            if is_so != should:
                found.append(f"{' '.join(line)}: {who} gets {is_so}, and the table says {should}")
    return sorted(found)


def shown(seen: Table, table: Table) -> Iterable[str]:
    """Mark the lines that are not as the table says."""
    for line in written(seen).splitlines():
        key = tuple(line.split()[:2])
        known = line.startswith("#") or not line or table.get(key) == seen.get(key)  # type: ignore[call-overload]
        yield f"{' ' if known else '!'} {line}"


def main() -> int:
    """Let the test walk, and show or write what it saw."""
    parser = argparse.ArgumentParser(
        prog="tests.house.addresses", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("--write", action="store_true", help="write it into the table")
    parser.add_argument("--print", action="store_true", help="show it (what happens anyway)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "seen.txt"
        os.environ[SEEN] = str(out)
        pytest.main(["-q", "--no-header", "-k", "gets_what_the_table_says", str(TABLE.with_name("test_addresses.py"))])
        if not out.exists():
            return 1
        seen = read(out.read_text(encoding="utf-8"))
    table = read(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    if options.write:
        TABLE.write_text(written(seen), encoding="utf-8")
    else:
        print("\n".join(shown(seen, table)))
    said = differences(seen, table)
    print(f"{len(seen) // len(METHODS)} addresses x {len(METHODS)} methods x {len(WHO)} people x 2 languages")
    print("\n".join(said) or "The table is true.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
