"""What a phone fetches holds no comments of ours, and does what it did."""

import re
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.test import override_settings

from brobygger.ground import lean

FILES = sorted(path for path in lean.ROOMS.glob("*/static/**/*") if path.suffix in lean.COMMENTS)


def name_of(path: Path) -> str:
    return path.relative_to(next(each for each in path.parents if each.name == "static")).as_posix()


def test_comments_and_indents_go_and_the_rest_stays():
    css = '/* why\n   so */\n@layer base {\n  p > a, b::after { content: "; , {"; margin: 0 auto; } /* no */\n}\n'
    js = "// why\n(() => {\n  // so\n  go('https://a');\n})();\n"

    assert lean.lean("ground/a.css", css) == '@layer base{p > a,b::after{content:"; , {";margin:0 auto}}'
    assert lean.lean("content/a.js", js) == "(() => {\ngo('https://a');\n})();\n"
    assert lean.lean("django_htmx/a.js", js) == js, "other people's files are theirs"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_of_ours_says_the_same_without_its_comments(path):
    text = path.read_text(encoding="utf-8")
    made = lean.lean(name_of(path), text)

    assert len(made) < len(text)
    assert made.count("{") == re.sub(r"^\s*//.*$|/\*[\s\S]*?\*/", "", text, flags=re.MULTILINE).count("{")
    assert all(line.count("`") % 2 == 0 for line in text.splitlines()), "a text over two lines would lose its indents"


def test_what_is_collected_is_lean(tmp_path):
    with override_settings(STATIC_ROOT=tmp_path):
        storage = lean.LeanStorage(location=tmp_path)
        storage.save("ground/a.css", ContentFile(b"/* x */\np { margin: 0; }\n"))

    assert (tmp_path / "ground/a.css").read_text() == "p{margin:0}"
