"""A key that a colleague read aloud is a loan, also when what lay in its box first is gone."""

import time
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from brobygger.door import family, queries
from brobygger.door import services as door
from brobygger.ground import clock
from brobygger.privacy import seal
from brobygger.threads import services as threads
from tests.letters import Visitor, keeper

pytestmark = pytest.mark.django_db


def test_a_key_that_was_read_aloud_is_a_loan_too(
    furnished: Any, alma: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at("2026-11-23T10:00")
    monkeypatch.setattr(family, "time", SimpleNamespace(monotonic=time.monotonic, sleep=lambda _seconds: keeper()))
    key = seal.new_return_key()
    made = seal.new_box(key)
    lock = {name: getattr(made, name) for name in ("number", "salt", "kdf_version", "wrapped_private", "public")}
    lock |= {"post_hash": made.post_hash, "burn_hash": made.burn_hash}
    now = clock.now().isoformat()
    facts = {"door": "parent", "wish": "call", "channel": "phone", "written_at": now, "answer_by": now}
    threads.open_called(once=uuid4(), made=lock, facts=facts, text="", reach=None, by=alma)
    door.empty_box(box=queries.open_box(key).box, by="keeper")

    page = Visitor().first_use(key.shown)

    assert page.key != key.shown and not queries.open_box(seal.read_key(page.key)).lent
