"""T13 (letters): whatever is sealed to our key and put into the letter box, the house goes on opening the others."""

import hashlib
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as budget
from hypothesis import strategies as st

from brobygger.door import services as door
from brobygger.door.models import Letter
from brobygger.ground import clock
from brobygger.intake import queries
from brobygger.privacy import queries as audit
from brobygger.privacy import seal
from tests.letters import Visitor, keeper

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.promise(
        "T13",
        da="Ødelagte eller forfalskede breve, nøgler og formularer bliver afvist og får ikke huset til at gå i stå.",
        en="Damaged or forged letters, keys and forms are refused, and do not make the house stop.",
    ),
]
anything = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
NAMES = ("kind", "box", "door", "wish", "language", "written_at", "answer_by", "text", "reach", "once", "where")
LATER = (
    "to",
    "number",
    "post",
    "receipt",
    "proposal",
    "address",
    "burn",
    "consent",
    "referral",
    "referrer",
    "named",
    "rights",
    "seat",
)
KINDS = (
    *("first", "burn", "rekey", "text", "choose", "move", "cancel", "address", "reach", "drill", "x"),
    *("referral", "withdraw", "name", "rights", "seat"),
)


@pytest.fixture
def house(furnished: Any, alma: Any, at: Any) -> Any:
    """A house at night, with somebody who will look at the worklist."""
    at("2026-11-23T02:10")
    return alma


def whole(kind: str) -> dict[str, Any]:
    """A letter as our door would write it."""
    now = clock.now().isoformat()
    return {
        "kind": kind, "box": seal.new_box(seal.new_return_key()).as_payload(), "door": "parent", "wish": "write",
        "language": "da", "written_at": now, "answer_by": now, "text": "Kære hus", "to": str(uuid.uuid4()),
        "number": "X49B", "post": "00" * 32, "burn": "00" * 32, "receipt": "11" * 32, "proposal": "", "address": "",
        **BESIDES.get(kind, dict)(),
    }  # fmt: skip


def sent_on() -> dict[str, Any]:
    """What a referral carries besides, as our door would write it."""
    text = "Du siger ja."
    return {
        "once": str(uuid.uuid4()),
        "referrer": {"box": seal.new_box(seal.new_return_key()).as_payload()},
        "referral": {
            "first_name": "Mette", "age": {"n": 6, "unit": "months"}, "expecting": False, "interpreter": "",
            "place": "", "profession": "midwife", "share": "ladder", "text_message": False,
        },
        "consent": {
            "text": text, "digest": hashlib.sha256(text.encode()).hexdigest(), "key": "referral", "how": "present",
            "days": 90,
        },
        "reach": {
            "channel": "call", "phone": "+4520304050", "when": "any", "message": False, "sender": "", "alias": "Mette",
        },
    }  # fmt: skip


def named() -> dict[str, Any]:
    """What a letter carries in which somebody says who they are."""
    text = "Det her bliver anderledes."
    return {
        "named": {
            "people": [{"role": "mother", "name": "Mette Holm", "called": "Mette", "birth": "", "phone": ""}],
            "carry": False,
        },
        "consent": {"text": text, "digest": hashlib.sha256(text.encode()).hexdigest()},
    }


BESIDES: dict[str, Any] = {
    "referral": sent_on,
    "withdraw": lambda: {"consent": str(uuid.uuid4())},
    "name": named,
    "rights": lambda: {"rights": {"what": "access", "words": ""}},
    "seat": lambda: {"seat": {"seat": str(uuid.uuid4()), "what": "take", "meeting": ""}},
}


def the_house_goes_on(alma: Any) -> None:
    """A family writes now, and stands on the worklist."""
    key = Visitor().write().key
    keeper()
    assert key[:4] in {line.enquiry.thread.number for line in queries.waiting(alma)}
    assert not Letter.objects.using("door").exists()
    assert Visitor().come_back(key).status == 200


@given(
    kind=st.sampled_from(KINDS),
    wrong=st.dictionaries(st.sampled_from(NAMES + LATER), anything, min_size=1, max_size=3),
)
@example(kind="first", wrong={"written_at": "2026-11-23T02:10:00"})
@example(kind="first", wrong={"written_at": "0001-01-01T00:00:00+00:00"})
@example(kind="first", wrong={"answer_by": "soon"})
@example(kind="first", wrong={"answer_by": "9999-12-31T23:59:59+00:00"})
@example(kind="first", wrong={"door": None, "text": ["a"]})
@example(kind="first", wrong={"reach": "20304050"})
@example(kind="first", wrong={"once": "x"})
@budget(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
def test_a_letter_sealed_by_somebody_else_stops_nobody(kind: str, wrong: dict[str, Any], house: Any) -> None:
    door.receive_letter(letter=uuid.uuid4(), payload=whole(kind) | wrong, by="family")

    keeper()

    assert not Letter.objects.using("door").exists()


@pytest.mark.parametrize("missing", NAMES)
def test_a_first_letter_that_lacks_something_stops_nobody(missing: str, house: Any) -> None:
    payload = whole("first")
    payload.pop(missing, None)
    door.receive_letter(letter=uuid.uuid4(), payload=payload, by="family")
    keeper()

    the_house_goes_on(house)


PARTS = {name: tuple(sent_on()[name]) for name in ("referral", "consent", "reach", "referrer")}


def sealed_in(payload: dict[str, Any]) -> None:
    """Put a letter into the box as somebody would who has taken the door over: our own door's checks are passed by."""
    sealed = seal.seal_letter(payload)
    Letter.objects.using("door").create(id=uuid.uuid4(), week=seal.week_of(sealed), sealed=sealed)


@given(part=st.sampled_from(sorted(PARTS)), data=st.data())
@example(part="consent", data=None)
@budget(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
def test_a_referral_with_a_misshapen_part_stops_nobody(part: str, data: Any, house: Any) -> None:
    payload = whole("referral")
    if data is None:
        payload[part] = payload[part] | {"digest": "0" * 64, "days": 10**9}
    else:
        name = data.draw(st.sampled_from((*PARTS[part], "")))
        wrong = data.draw(anything)
        payload[part] = payload[part] | {name: wrong} if name else wrong
    sealed_in(payload)

    keeper()

    assert not Letter.objects.using("door").exists()


@pytest.mark.parametrize("missing", ["referral", "referrer", "consent", "reach", "once", "box", "door", "language"])
def test_a_referral_that_lacks_something_stops_nobody(missing: str, house: Any) -> None:
    payload = whole("referral")
    payload.pop(missing, None)
    sealed_in(payload)
    keeper()

    the_house_goes_on(house)


def test_a_whole_referral_is_taken(house: Any) -> None:
    """The two before see something else than a letter nobody could open."""
    payload = whole("referral")
    sealed_in(payload)
    keeper()

    assert payload["box"]["number"] in {line.enquiry.thread.number for line in queries.waiting(house)}


BEHIND_THE_KEY: dict[str, dict[str, Any]] = {
    "choose": {"proposal": ["x"], "receipt": "zz"},
    "move": {"receipt": "00"},
    "cancel": {"receipt": 7},
    "address": {"address": None},
    "reach": {"reach": None},
    "text": {"text": None},
    "unreach": {"written_at": "yesterday"},
    "withdraw": {"consent": ["x"]},
    "seat": {"seat": {"seat": "x", "what": "take", "meeting": ""}},
}


@pytest.mark.parametrize("kind", BEHIND_THE_KEY)
def test_a_forged_request_with_the_right_token_stops_nobody(kind: str, house: Any) -> None:
    """A door that was taken over knows the tokens of those who come back."""
    from brobygger.door import queries as boxes

    key = Visitor().write().key
    keeper()
    opened = boxes.open_box(seal.read_key(key))
    right = {"to": str(opened.box), "number": opened.number, "post": opened.post.hex()}
    door.receive_letter(letter=uuid.uuid4(), payload=whole(kind) | right | BEHIND_THE_KEY[kind], by="family")
    keeper()

    the_house_goes_on(house)
    assert Visitor().come_back(key).status == 200


def test_somebody_who_can_only_insert_cannot_write_into_burn_or_lock_anothers_box(house: Any) -> None:
    from brobygger.door import queries as boxes
    from brobygger.threads.models import Thread
    from brobygger.threads.services import look

    key = Visitor().write().key
    keeper()
    box = boxes.open_box(seal.read_key(key)).box
    for kind in ("text", "choose", "move", "cancel", "address", "reach", "unreach", "burn", "rekey"):
        forged = whole(kind) | {"to": str(box), "number": key[:4], "reach": {"phone": "+4520304050"}}
        door.receive_letter(letter=uuid.uuid4(), payload=forged, by="family")
    keeper()
    thread = Thread.objects.get(number=key[:4])

    assert [said.text for said in look(thread=thread, by="keeper") if not said.from_house] == ["Kære hus"]
    assert Visitor().come_back(key).status == 200
    the_house_goes_on(house)


def test_noise_is_thrown_away_with_a_line_and_a_letter_of_a_lost_week_is_kept(house: Any) -> None:
    noise, lost = uuid.uuid4(), uuid.uuid4()
    Letter.objects.using("door").create(id=noise, week="2026-W48", sealed=b"\x012026-W48" + b"noise" * 30)
    Letter.objects.using("door").create(id=lost, week="2020-W01", sealed=b"\x012020-W01" + b"noise" * 30)

    keeper_once()

    assert list(Letter.objects.using("door").values_list("pk", flat=True)) == [lost]
    assert audit.trail(f"letter:{noise}") == [("keeper", "threads.noise_thrown_away")]


def test_letters_of_a_lost_week_do_not_stand_in_the_way_of_others(house: Any) -> None:
    for _each in range(130):
        Letter.objects.using("door").create(id=uuid.uuid4(), week="2020-W01", sealed=b"\x012020-W01" + b"noise" * 30)
    key = Visitor().write().key

    keeper_once()

    assert key[:4] in {line.enquiry.thread.number for line in queries.waiting(house)}


def keeper_once() -> None:
    """One round of the keeper."""
    from config.management.commands.worker import once

    once()


@pytest.mark.django_db(transaction=True)
def test_a_step_that_fails_keeps_no_other_from_being_done(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from config.management.commands import worker

    def broken() -> int:
        raise RuntimeError("this step is broken")

    monkeypatch.setattr(worker, "STEPS", (broken, *worker.STEPS))
    monkeypatch.setattr(worker.time, "sleep", lambda seconds: None)
    key = Visitor().write().key

    worker.bravely()

    assert key[:4] in {line.enquiry.thread.number for line in queries.waiting(house)}
