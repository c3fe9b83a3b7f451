"""A thread under its own key: opened where it stands, nowhere else, and never again once the key is gone."""

from uuid import uuid4

import pytest
from django.db import connections

from brobygger.privacy import keyring
from brobygger.privacy.models import DataKey

pytestmark = pytest.mark.django_db

HERE = keyring.place("message", 1, "body")


def test_what_is_sealed_comes_back_as_it_was() -> None:
    key = keyring.new_data_key(about=uuid4())

    for plain in (b"", b"\x80\x00", b"x" * 200_000, {}, {"text": "æøå 🌙", "list": [1, None]}):
        assert keyring.open_sealed(key, keyring.seal(key, plain, context=HERE), context=HERE) == plain


def test_a_value_moved_to_another_place_is_not_opened() -> None:
    key, other_key = keyring.new_data_key(about=uuid4()), keyring.new_data_key(about=uuid4())
    sealed = keyring.seal(key, {"text": "Kære hus"}, context=HERE)

    for where in (("message", 2, "body"), ("note", 1, "body"), ("message", 1, "subject"), ("message", 1, "body", 2)):
        with pytest.raises(keyring.Unreadable):
            keyring.open_sealed(key, sealed, context=keyring.place(*where))
    with pytest.raises(keyring.Unreadable):
        keyring.open_sealed(other_key, sealed, context=HERE)
    assert keyring.open_sealed(key, sealed, context=HERE) == {"text": "Kære hus"}


def test_a_wrapped_key_moved_to_another_row_is_not_a_key() -> None:
    mine, theirs = keyring.new_data_key(about=uuid4()), keyring.new_data_key(about=uuid4())
    sealed = keyring.seal(theirs, b"theirs", context=HERE)
    DataKey.objects.filter(pk=mine).update(wrapped=DataKey.objects.get(pk=theirs).wrapped)

    with pytest.raises(keyring.Unreadable):
        keyring.open_sealed(mine, sealed, context=HERE)


def test_a_damaged_value_is_not_opened() -> None:
    key = keyring.new_data_key(about=uuid4())
    sealed = keyring.seal(key, b"hej", context=HERE)

    for damaged in (b"", b"\x01", sealed[:-1], b"\x02" + sealed[1:], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(keyring.Unreadable):
            keyring.open_sealed(key, damaged, context=HERE)


def test_length_tells_little() -> None:
    key = keyring.new_data_key(about=uuid4())

    assert len(keyring.seal(key, {"name": "Bo"}, context=HERE)) == len(
        keyring.seal(key, {"name": "Anne-Marie Vestergaard"}, context=HERE)
    )


def test_a_shredded_key_is_gone_and_so_is_what_it_sealed() -> None:
    key, living = keyring.new_data_key(about=uuid4()), keyring.new_data_key(about=uuid4())
    sealed, kept = keyring.seal(key, b"hej", context=HERE), keyring.seal(living, b"hej", context=HERE)

    keyring.shred(key)

    with pytest.raises(keyring.Shredded):
        keyring.open_sealed(key, sealed, context=HERE)
    with pytest.raises(keyring.Shredded):
        keyring.seal(key, b"more", context=HERE)
    assert keyring.open_sealed(living, kept, context=HERE) == b"hej"
    keyring.shred(key)


def test_a_worklist_asks_the_key_store_once(django_assert_num_queries) -> None:
    keys = keyring.new_data_keys(uuid4() for _each in range(50))
    sealed = keyring.seal_many([(key, {"n": at}, HERE) for at, key in enumerate(keys)])

    with django_assert_num_queries(1, connection=connections["keys"]):
        opened = keyring.open_many([(key, value, HERE) for key, value in zip(keys, sealed, strict=True)])

    assert opened == [{"n": at} for at in range(50)]


def test_one_lost_row_does_not_hide_the_others() -> None:
    keys = keyring.new_data_keys(uuid4() for _each in range(3))
    sealed = keyring.seal_many([(key, b"hej", HERE) for key in keys])
    keyring.shred(keys[0])
    sealed[1] = sealed[1][:-1]

    assert keyring.open_many([(k, s, HERE) for k, s in zip(keys, sealed, strict=True)]) == [None, None, b"hej"]
    assert keyring.open_many([(uuid4(), sealed[2], HERE)]) == [None]


def test_a_thing_has_one_key_of_each_kind_until_it_is_shredded() -> None:
    about = uuid4()
    key = keyring.new_data_key(about=about)
    sealed = keyring.seal(key, b"hej", context=HERE)

    assert keyring.new_data_key(about=about) == key
    assert keyring.open_sealed(key, sealed, context=HERE) == b"hej"
    card = keyring.new_data_key(about=about, kind="card")
    keyring.shred(card)
    assert keyring.open_sealed(key, sealed, context=HERE) == b"hej"


def test_a_key_made_anew_after_shredding_does_not_open_the_old() -> None:
    about = uuid4()
    key = keyring.new_data_key(about=about)
    sealed = keyring.seal(key, b"hej", context=HERE)
    keyring.shred(key)

    again = keyring.new_data_key(about=about)

    assert again != key, "a copy of the old key stays known as destroyed"
    assert keyring.new_data_key(about=about) == again
    with pytest.raises(keyring.Unreadable):
        keyring.open_sealed(again, sealed, context=HERE)


def test_the_key_store_holds_no_key_that_opens_anything_alone() -> None:
    key = keyring.new_data_key(about=uuid4())
    opened = keyring._fetch([key])[key]

    assert isinstance(opened, bytes)
    assert opened not in bytes(DataKey.objects.get(pk=key).wrapped)


def test_small_secrets_at_rest_are_for_one_purpose() -> None:
    sealed = keyring.seal_small("totp", b"JBSWY3DP")

    assert keyring.open_small("totp", sealed) == b"JBSWY3DP"
    for purpose, text in (("codes", sealed), ("totp", sealed[:-2]), ("totp", "zz"), ("totp", "")):
        with pytest.raises(keyring.Unreadable):
            keyring.open_small(purpose, text)
    assert keyring.derived("a") != keyring.derived("b")
    assert len(keyring.derived("a")) == 32
