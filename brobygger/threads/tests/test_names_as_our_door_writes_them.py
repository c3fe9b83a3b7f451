"""A letter with a name is taken only as our own door writes it: whoever took the door over makes nobody stumble."""

import copy
import hashlib
import uuid
from typing import Any

import pytest

from brobygger.door import queries as door_queries
from brobygger.door import services as door
from brobygger.ground import clock
from brobygger.privacy import queries as audit
from brobygger.privacy import seal
from brobygger.threads import opening, queries
from brobygger.threads.models import Message
from tests.letters import Visitor, keeper

pytestmark = pytest.mark.django_db
TEXT = "Det her bliver anderledes."
PERSON = {"role": "mother", "name": "Mette Holm", "called": "Mette", "birth": "1990-01", "phone": "+4520304050"}
NAME = {
    "kind": "name",
    "named": {"people": [PERSON], "carry": False},
    "consent": {"text": TEXT, "digest": hashlib.sha256(TEXT.encode()).hexdigest()},
}
RIGHTS = {"kind": "rights", "rights": {"what": "access", "words": "Tak."}}


@pytest.fixture
def key(furnished: Any, at: Any) -> str:
    """A key with a letter behind it."""
    at("2026-11-24T09:20")
    written = Visitor().write("Kære hus").key
    keeper()
    return written


def send(key: str, said: dict[str, Any]) -> uuid.UUID:
    """Put a letter into the box as somebody does who holds the key, and have it opened."""
    opened, now = door_queries.open_box(seal.read_key(key)), clock.now().isoformat()
    payload = {
        "to": str(opened.box), "number": opened.number, "post": opened.post.hex(), "door": "parent", "language": "da",
        "wish": "write", "written_at": now, "answer_by": now, "receipt": seal.new_receipt_key().hex(),
    }  # fmt: skip
    ident = uuid.uuid4()
    door.receive_letter(letter=ident, payload=payload | said, by="family")
    opening.open_letters()
    return ident


@pytest.mark.parametrize("said", [NAME, RIGHTS], ids=["a name", "a wish"])
def test_one_that_is_whole_waits_for_the_room_it_is_for(said: dict[str, Any], key: str) -> None:
    send(key, said)

    (asked,) = queries.requests((said["kind"],))
    assert asked.thread.number == key[:4]


def changed(said: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    """Copy a letter with one thing in it exchanged."""
    copied = copy.deepcopy(said)
    inside: Any = copied
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = to
    return copied


WRONG = {
    "nobody in it": changed(NAME, "named", "people", to=[]),
    "six people": changed(NAME, "named", "people", to=[PERSON] * 6),
    "people in a word": changed(NAME, "named", "people", to="Mette"),
    "a person in a word": changed(NAME, "named", "people", to=["Mette"]),
    "a person without a name": changed(NAME, "named", "people", 0, "name", to="  "),
    "a person with more than ours have": changed(NAME, "named", "people", 0, to=PERSON | {"cpr": "0101901234"}),
    "a person with less": changed(NAME, "named", "people", 0, to={"name": "Mette"}),
    "a role nobody has": changed(NAME, "named", "people", 0, "role", to="king"),
    "a name as long as a book": changed(NAME, "named", "people", 0, "name", to="M" * 121),
    "a name with a nought in it": changed(NAME, "named", "people", 0, "name", to="M\0"),
    "a day of birth": changed(NAME, "named", "people", 0, "birth", to="1990-01-01"),
    "a thirteenth month": changed(NAME, "named", "people", 0, "birth", to="1990-13"),
    "a number in words": changed(NAME, "named", "people", 0, "phone", to="ring til mig"),
    "a wish that is neither yes nor no": changed(NAME, "named", "carry", to="on"),
    "a yes to other words": changed(NAME, "consent", "text", to="Noget helt andet."),
    "a yes to nothing": changed(NAME, "consent", to={"text": "", "digest": hashlib.sha256(b"").hexdigest()}),
    "no yes": {name: value for name, value in NAME.items() if name != "consent"},
    "a yes in a word": changed(NAME, "consent", to="ja"),
    "at a professional's door": NAME | {"door": "professional"},
    "a wish nobody can have": changed(RIGHTS, "rights", "what", to="everything"),
    "a wish as long as a book": changed(RIGHTS, "rights", "words", to="x" * 10_001),
    "a wish with more": changed(RIGHTS, "rights", to={"what": "access", "words": "", "to": "Bo"}),
    "a wish in a word": changed(RIGHTS, "rights", to="access"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_one_that_is_not_is_thrown_away_with_a_line_about_it(wrong: str, key: str) -> None:
    ident = send(key, WRONG[wrong])

    assert not Message.objects.filter(kind__in=("name", "rights")).exists()
    assert audit.trail(f"letter:{ident}") == [("keeper", "threads.misshapen_letter")]
