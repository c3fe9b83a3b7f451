"""Found by a word that lies nowhere: a digest under the house's key, that says nothing to who has the table alone."""

from uuid import UUID, uuid4

import pytest

from brobygger.privacy import blind, keyring, ring
from brobygger.privacy import queries as privacy
from brobygger.privacy.models import BlindToken, DataKey

pytestmark = pytest.mark.django_db


def put(*words: str, about: UUID | None = None, course: UUID | None = None) -> tuple[UUID, UUID]:
    """Let something be found by a few words."""
    about, course = about or uuid4(), course or uuid4()
    blind.put(about=about, course=course, entries=[("name", word) for word in words], by="alma")
    return about, course


def find(*words: str, **more: object) -> list[UUID]:
    """Name what is found by all of some words."""
    return blind.find([("name", word) for word in words], **{"limit": 50, **more})


def test_a_digest_depends_on_the_word_its_kind_and_the_key_of_the_house(keys, settings, tmp_path) -> None:
    here = blind.digest("name", "mette")
    others = [blind.digest("tag", "mette"), blind.digest("name", "mettE"), blind.digest("name|mette", "")]

    assert len(here) == 16 and here == blind.digest("name", "mette") and here not in others
    assert b"mette" not in here
    places = keyring.found(tmp_path / "elsewhere")
    settings.MASTER_KEY_FILE = places.master
    assert ring.load_master() and blind.digest("name", "mette") != here


def test_a_word_that_ends_where_another_begins_is_another_word() -> None:
    assert blind.digest("a", "b|c") != blind.digest("a", "b") != blind.digest("ab", "")


def test_what_was_put_last_is_what_finds() -> None:
    about, course = put("mette", "hansen")
    assert find("mette") == find("hansen") == find("hansen", "mette") == [course]

    put("mette", "holm", about=about, course=course)

    assert find("mette") == find("holm") == [course] and find("hansen") == []
    assert BlindToken.objects.count() == 2


def test_all_words_are_of_one_thing() -> None:
    course = uuid4()
    put("mette", "hansen", course=course)
    put("jens", "holm", course=course)

    assert find("mette", "hansen") == find("holm", "jens") == [course]
    assert find("mette", "holm") == find("mette", "hansen", "jens") == []


def test_no_word_finds_nothing() -> None:
    put("mette")
    assert blind.find([], limit=5) == [] and find("") == []


def test_a_course_is_named_once_and_no_more_than_were_asked_for() -> None:
    course = uuid4()
    for _each in range(3):
        put("hansen", course=course)
    others = {put("hansen")[1] for _each in range(4)}

    assert len(find("hansen")) == 5 and set(find("hansen")) == others | {course}
    assert find("hansen", limit=2) == sorted(others | {course})[:2]


def test_among_some_only_those_are_found() -> None:
    inside = [put("hansen")[1] for _each in range(3)]
    put("hansen")

    assert find("hansen", among=inside) == sorted(inside)
    assert find("hansen", among=inside, limit=2) == sorted(inside)[:2]
    assert find("hansen", among=[uuid4() for _each in range(1201)] + inside[:1]) == inside[:1]
    assert find("hansen", among=[]) == []


def test_what_is_forgotten_is_found_by_nothing_and_buried_with_its_keys() -> None:
    about, _course = put("mette")
    kept, course = put("mette")
    key, other = keyring.new_data_keys([uuid4(), uuid4()])

    blind.forget(about=[about], keys=[key], by="alma")

    assert find("mette") == [course]
    assert not blind.is_known(about) and blind.is_known(kept) and blind.everything() == {kept}
    assert privacy.buried([about, key, kept, other]) == {about, key}
    assert list(DataKey.objects.values_list("pk", flat=True)) == [other]
    blind.forget(about=[about], keys=[key], by="alma")


def test_keys_and_words_go_together_or_not_at_all(monkeypatch) -> None:
    about, course = put("mette")
    key = keyring.new_data_key(about=uuid4())

    def fails(**_more: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as power:
        power.setattr(blind, "drop", fails)
        with pytest.raises(RuntimeError):
            blind.forget(about=[about], keys=[key], by="alma")

    assert find("mette") == [course] and DataKey.objects.filter(pk=key).exists()
    assert privacy.buried([about, key]) == set()


def test_what_never_came_to_be_is_thrown_away_and_not_buried() -> None:
    several = [put("mette")[0] for _each in range(3)]

    blind.drop(about=several, by="keeper")

    assert blind.everything() == set() and privacy.buried(several) == set()


def test_what_is_put_again_under_the_same_name_is_not_buried() -> None:
    about, course = put("mette")
    blind.forget(about=[about], by="alma")

    put("mette", about=about, course=course)

    assert find("mette") == [course] and privacy.buried([about]) == set()
