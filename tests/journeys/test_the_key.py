"""Somebody who mistypes the key, and somebody who burns everything."""

from tests.journeys import walking
from tests.journeys.conftest import DAY, Clocked, Lend
from tests.journeys.test_the_parent_at_night import choose, the_day, times_on
from tests.journeys.walking import Walker, at, number_of, row

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def refused(who: Walker, typed: str) -> str:
    """Type a key that opens nothing, and give the sentence."""
    walking.come_back(who, typed, 422)
    assert who.find("main [name=key]").input_value() == typed, "what was typed is still there"
    return who.text("main [role=alert]")


def other(letter: str) -> str:
    """Choose another letter of the alphabet of keys."""
    return ALPHABET[(ALPHABET.index(letter) + 7) % len(ALPHABET)]


def sound(number: str, start: str) -> str:
    """Make a key that has no slip of the finger in it and opens nothing."""
    from brobygger.privacy import seal

    for last in ALPHABET:
        typed = number + start + last
        try:
            seal.read_key(typed)
        except seal.KeyMistyped:
            continue
        return typed
    raise AssertionError("no last character fits")


def test_a_mistyped_key_is_forgiven_where_it_can_be(ditrum: Clocked, visit: Lend) -> None:
    house = ditrum.at(DAY)
    parent = visit(house)
    key = walking.write_letter(parent, "Jeg kommer til at taste forkert.")
    walking.come_back_soon(parent, key)
    forgiven = key.lower().replace("0", "o").replace("1", "i").replace("-", "  ")
    joined, spread = key.replace("-", "").replace("1", "L").replace("0", "O"), f" {key.replace('-', ' – ')} "
    for typed in (key, forgiven, joined, spread):
        walking.come_back(parent, typed)
        assert parent.find("#more").count() == 1, f"{typed} opened nothing"
    slip = refused(parent, key[:-3] + other(key[-3]) + key[-2:])
    parent.look("a slip of the finger")
    assert refused(parent, key[:-1] + other(key[-1])) == slip
    wrong = refused(parent, sound(number_of(key), "7" * 11))
    parent.look("a wrong key")
    unknown = refused(parent, sound(other(key[0]) + key[1:4], "7" * 11))
    assert wrong == unknown != slip, "nobody can tell whether a box exists"
    parent.open(at("door:back"))
    parent.send("main form button.action", 422)
    parent.look("no key")


def test_somebody_burns_everything_and_nothing_is_left(ditrum: Clocked, visit: Lend, at_work: Lend) -> None:
    house = ditrum.at(DAY)
    parent = visit(house)
    key = walking.write_letter(parent, "Det her skal brænde.")
    number = number_of(key)
    alma, day = at_work(house, "alma"), at_work(house, "alma")
    walking.arrive(alma, number)
    alma.send(row(alma, number).locator("button.action"))
    alma.write("#answer [name=text]", "Her er tider.")
    offered = times_on(alma)
    alma.send("#answer > button.action")
    walking.arrive(alma, number)
    walking.come_back(parent, key)
    choose(parent)
    day.open(the_day(offered[0]))
    walking.arrive(day, number)
    burns(parent, key)
    walking.goes_by_itself(day, number)
    walking.goes_by_itself(alma, number)
    refused(parent, key)


def burns(parent: Walker, key: str) -> None:
    parent.unfold(f'a[href="{at("door:burn")}"]')
    parent.send(f'main a[href="{at("door:burn")}"]')
    parent.look("burn")
    parent.send("main form button.danger", 422)
    parent.look("burn without a key")
    parent.write("main [name=key]", key)
    parent.send("main form button.danger")
    parent.look("burned")
