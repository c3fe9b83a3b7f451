"""T5: what was burned cannot be read again, not even from a backup of the database made the minute before."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.letters import Visitor, sign_in
from tests.promises import searching
from tests.running import House

pytestmark = pytest.mark.promise(
    "T5",
    da="Når du brænder en samtale, ødelægger vi nøglen til den. Det, der så ligger i en gammel kopi af vores database, "
    "kan ingen læse, heller ikke vi.",
    en="When you burn a conversation we destroy its key. What then lies in an old copy of our database, nobody can "
    "read, us included.",
)

#: Opens every sealed value in the database of threads in every way there is, and prints what could be read of it.
TRY_EVERYTHING = """
import json
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox
from nacl.secret import Aead
from brobygger.appointments.models import VisitAddress
from brobygger.consents.models import Consent, Referral
from brobygger.privacy import keyring, ring
from brobygger.privacy.models import DataKey
from brobygger.threads.models import ContactCard, Message, Outgoing, Thread
sealed = [(row.number, row.key, bytes(row.facts), f"thread:{row.pk}:facts:1") for row in Thread.objects.all()]
sealed += [
    (row.thread.number, row.thread.key, bytes(row.body), f"message:{row.pk}:body:1") for row in Message.objects.all()
]
sealed += [
    (row.thread.number, row.key, bytes(row.sealed), f"card:{row.thread_id}:1") for row in ContactCard.objects.all()
]
sealed += [
    (row.appointment.number, row.key, bytes(row.sealed), f"address:{row.appointment_id}:1")
    for row in VisitAddress.objects.all()
]
for kind, model in (("consent", Consent), ("referral", Referral)):
    for row in model.objects.select_related("thread"):
        place = keyring.place(kind, row.pk, "sealed")
        sealed.append((row.thread.number, row.thread.key, bytes(row.sealed), place))
keys = keyring._fetch(DataKey.objects.values_list("pk", flat=True))
house = ring.load_ring()
raw = [bytes.fromhex(each) for part in (house.intake, house.wrap, house.sign) for each in part.values()]
raw += [ring.load_master(), *(key for key in keys.values() if isinstance(key, bytes))]
found = {}
for number, key, value, context in sealed:
    opened = 0
    try:
        keyring.open_sealed(key, value, context=context)
        opened = 1
    except (keyring.Shredded, keyring.Unreadable):
        pass
    for other in raw:
        for place in (keyring._aad(key, context), b""):
            try:
                Aead(other).decrypt(value[1:], aad=place)
                opened = 1
            except CryptoError:
                pass
        try:
            SealedBox(PrivateKey(other)).decrypt(value[1:])
            opened = 1
        except CryptoError:
            pass
    before = found.get(number, [0, 0])
    found[number] = [before[0] + opened, before[1] + 1]
print(json.dumps(found))
"""


def readable(house: House) -> dict[str, tuple[int, int]]:
    """Try everything: by box number, how many sealed values could be read, and of how many."""
    import json

    return {number: tuple(both) for number, both in json.loads(house.ask(TRY_EVERYTHING)).items()}


def family(house: House, text: str) -> str:
    """A family that has been through everything: letter, telephone, answer, a visit at home, the address."""
    ea, (bo,) = Visitor(house.url), sign_in(house, "bo")
    key = ea.write(text, wish="call", phone="20 30 40 50", when="evening").key
    searching.until(lambda: searching.settled(house))
    thread = bo.thread(key[:4])
    bo.do("intake:take", thread=thread)
    page = bo.get(bo.at("intake:thread", thread=thread) + "?where=home")
    form = {"where": "home", "times": page.all("times")[:3], "seen": page.hidden("seen"), "text": "Godt, du skrev."}
    assert bo.do("intake:answer", form, thread=thread).status == 302
    back = ea.come_back(key)
    booked = ea.act(back, "choose", proposal=back.all("proposal")[0])
    assert ea.act(booked, "address", address="Bakken 7").status == 200
    searching.until(lambda: searching.settled(house))
    return key


def sent_on(house: House) -> str:
    """A family that somebody referred, rung once; the key it made its own."""
    mother, (finn,) = Visitor(house.url), sign_in(house, "finn")
    lent = mother.refer(share="ladder", text="Jeg vil gerne sove igen.").keys[0]
    searching.until(lambda: searching.settled(house))
    assert finn.do("consents:move", {"to": "contact"}, thread=finn.thread(lent[:4])).status == 302
    own = mother.first_use(lent).key
    searching.until(lambda: searching.settled(house))
    return own


def keep_a_copy(house: House) -> None:
    """Back up the database of threads; the house stands still meanwhile."""
    if house.env.get("BROBYGGER_DB", "sqlite") == "sqlite":
        with searching.link(house, "default") as now, closing(sqlite3.connect(house.var / "copy")) as copy:
            now.backup(copy)
        return
    with searching.link(house, "default", dbname="postgres") as server:
        prefix = house.env["BROBYGGER_PG_PREFIX"]
        server.execute(f"CREATE DATABASE {prefix}copy TEMPLATE {prefix}default")


def bring_back(house: House) -> None:
    """Put the copy in the place of the database."""
    if house.env.get("BROBYGGER_DB", "sqlite") == "sqlite":
        place = house.var / "data" / "default.sqlite3"
        for each in place.parent.glob("default.sqlite3-*"):
            each.unlink()
        (house.var / "copy").replace(place)
        return
    with searching.link(house, "default", dbname="postgres") as server:
        prefix = house.env["BROBYGGER_PG_PREFIX"]
        server.execute(f"DROP DATABASE {prefix}default WITH (FORCE)")
        server.execute(f"ALTER DATABASE {prefix}copy RENAME TO {prefix}default")


def test_a_backup_from_before_the_fire_shows_nothing(own_house: House) -> None:
    house = own_house
    burned, kept = family(house, "Det her skal væk."), family(house, "Det her skal blive.")
    house.stop()
    keep_a_copy(house)
    before = readable(house)
    wrapped = [bytes(row[0]) for row in searching.rows(house, "keys", "SELECT wrapped FROM privacy_datakey")]
    house.start()
    assert Visitor(house.url).burn(burned).status == 200
    searching.until(lambda: searching.settled(house))
    house.stop()
    gone = readable(house)
    bring_back(house)
    restored = readable(house)
    house.start()

    assert before[burned[:4]][0] == before[burned[:4]][1] > 6, "all of it could be read before the fire"
    assert burned[:4] not in gone
    assert restored[burned[:4]] == (0, before[burned[:4]][1]), "the sealed values are back, and none opens"
    assert restored[kept[:4]] == before[kept[:4]], "the other family's conversation is whole"
    assert Visitor(house.url).come_back(burned).status == 422
    assert Visitor(house.url).come_back(kept).status == 200
    assert len(wrapped) == 6 and searching.count(house, "keys", "privacy_datakey") == 3
    _overwritten(house, wrapped)


def test_a_burned_referral_cannot_be_read_in_a_backup(own_house: House) -> None:
    house = own_house
    burned, kept = sent_on(house), sent_on(house)
    house.stop()
    keep_a_copy(house)
    before = readable(house)
    house.start()
    assert Visitor(house.url).burn(burned).status == 200
    searching.until(lambda: searching.settled(house))
    house.stop()
    bring_back(house)
    restored = readable(house)
    house.start()

    assert before[burned[:4]][0] == before[burned[:4]][1] > 6, "all of it could be read before the fire"
    assert restored[burned[:4]] == (0, before[burned[:4]][1]), "number, consents and words are back, and none opens"
    assert restored[kept[:4]] == before[kept[:4]]


def _overwritten(house: House, wrapped: list[bytes]) -> None:
    """After the night's sweep the destroyed keys are not in the key store's file either, as deleted rows can be."""
    house.stop()
    house.manage("sweep")
    live = {bytes(row[0]) for row in searching.rows(house, "keys", "SELECT wrapped FROM privacy_datakey")}
    assert len(live) == 3 and live < set(wrapped)
    if house.env.get("BROBYGGER_DB", "sqlite") == "sqlite":
        files = [Path(each).read_bytes() for each in (house.var / "data").glob("keys.sqlite3*")]
        assert not [each for each in wrapped if each not in live and any(each in file for file in files)]
        assert all(any(each in file for file in files) for each in live)
