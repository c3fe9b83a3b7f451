"""Papers: a PDF that a screen reader can read, from a template of ours and plain data. The data never becomes markup.

A template is a file `<room>/papers/<name>.typ` (Typst), named "<room>/<name>.typ". It reads what it is given with
`#import "/ground/papers/house.typ": *` and the name `data`. The same data gives the same bytes, on every machine:
the fonts are those in the library, and the hour on it is the data's own (`data["made_at"]`), not the clock's.
"""

import json
import re
import subprocess
import sys
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

ROOMS = Path(__file__).resolve().parent.parent
#: What a PDF promises who cannot see it: structure, language, a title, and a text for each picture.
STANDARD = "ua-1"
#: A text may hold signs our fonts have no drawing of. They are found by trying; more rounds than this is a fault.
ROUNDS = 30
_NO_DRAWING = re.compile(r'(?:the text|codepoint) `"((?:[^"\\]|\\.)*)"`')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
#: Signs that steer and are not seen (zero-width joiners, marks of direction) may go without a word.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"}


class PaperFailed(Exception):
    """The template is wrong, or holds a picture without words."""


def pdf(*, template: str, data: Mapping[str, Any], title: str, language: str) -> bytes:
    """Make a PDF/UA of a template and data. Raises `PaperFailed`, and `KeyError` when the data has no `made_at`.

    It is drawn in a process of its own that ends with it: the library remembers what it has drawn, and nobody's paper
    is to lie in the memory of the house. What it says goes in and comes out through pipes; no file is written.
    """
    asked = {"template": template, "data": {**data, "made_at": str(data["made_at"])}, "title": title}
    drawer = [sys.executable, "-I", __file__]
    done = subprocess.run(drawer, input=json.dumps(asked | {"language": language}).encode(), capture_output=True)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise PaperFailed(said[-1] if said else "The drawer stopped.")
    return done.stdout


def drawn(*, template: str, data: Mapping[str, Any], title: str, language: str, **how: Any) -> Any:
    """Draw a paper in any of the library's ways (`format="png"`): for looking at it."""
    made_at = datetime.fromisoformat(str(data["made_at"])).astimezone(UTC).replace(microsecond=0)
    room, _slash, name = template.partition("/")
    source = f'#include "/{room}/papers/{name}"'.encode()
    told = _kept(dict(data), {})
    signs: dict[str, str] = {}
    for _round in range(ROUNDS):
        inputs = {"title": str(_kept(title, signs)), "language": language, "data": json.dumps(_kept(told, signs))}
        try:
            return typst.compile(
                source,
                root=str(ROOMS),
                sys_inputs=inputs,
                ignore_system_fonts=True,
                timestamp=made_at,
                **how,
            )
        except typst.TypstError as why:
            found = _without_drawing(why)
            if not found - signs.keys():
                raise PaperFailed(why.message) from None
            signs |= {sign: _in_words(sign) for sign in found}
    raise PaperFailed("There are too many signs that cannot be drawn.")


def _without_drawing(why: Any) -> set[str]:
    """Read from a refusal which signs no font of ours can draw. The first message names one, the whole names all."""
    named = _NO_DRAWING.findall(f"{why.message}\n{why.diagnostic}")
    signs = {sign for each in named for sign in _ESCAPED.sub(lambda code: chr(int(code[1], 16)), each)}
    return {sign for sign in signs if ord(sign) > 126 or ord(sign) < 32}


def _in_words(sign: str) -> str:
    """Name a sign that cannot be drawn: nothing is lost without being said."""
    if unicodedata.category(sign) in _UNSEEN:
        return ""
    return f"[{unicodedata.name(sign, f'U+{ord(sign):04X}').lower()}]"


def _kept(value: Any, signs: Mapping[str, str]) -> Any:
    """Give the same value with each sign in it that cannot be drawn in words; half a sign is none."""
    if isinstance(value, str):
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole.translate({ord(sign): words for sign, words in signs.items()})
    if isinstance(value, Mapping):
        return {name: _kept(each, signs) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_kept(each, signs) for each in value]
    return value


if __name__ == "__main__":
    try:
        sys.stdout.buffer.write(drawn(**json.load(sys.stdin.buffer), pdf_standards=[STANDARD]))
    except PaperFailed as why:
        sys.exit(str(why))
