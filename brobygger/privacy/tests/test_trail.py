"""The trail: each deed leaves a line, and no line can be changed or taken away."""

from types import SimpleNamespace

import pytest
from django.db import DatabaseError, transaction

from brobygger.ground import clock
from brobygger.privacy import queries, services
from brobygger.privacy.models import AuditEntry, DataKey

pytestmark = pytest.mark.django_db

ALMA = SimpleNamespace(handle="alma")


def test_a_deed_leaves_a_line() -> None:
    services.record(by=ALMA, action="threads.looked", about="thread:1")
    services.record(by="family", action="threads.burned", about="thread:1", reason="")
    services.record(by=ALMA, action="threads.looked", about="thread:2")

    assert queries.trail("thread:1") == [("alma", "threads.looked"), ("family", "threads.burned")]
    assert [by for by, _at in queries.looks("thread:1")] == ["alma"]


def test_a_row_is_named_by_its_kind_and_id() -> None:
    key = DataKey()

    services.record(by="machine", action="privacy.shredded", about=key)

    assert queries.trail(key) == queries.trail(f"datakey:{key.pk}") == [("machine", "privacy.shredded")]


@pytest.mark.parametrize("nobody", [None, "", "  ", 7, SimpleNamespace(handle=None)])
def test_a_deed_without_a_doer_is_refused(nobody: object) -> None:
    with pytest.raises(TypeError):
        services.record(by=nobody, action="threads.looked", about="thread:1")
    assert queries.trail("thread:1") == []


def test_a_deed_about_nothing_is_refused() -> None:
    with pytest.raises(TypeError):
        services.record(by="alma", action="threads.looked", about="thread")


def test_a_line_cannot_be_changed_or_deleted() -> None:
    services.record(by="alma", action="threads.looked", about="thread:1")

    for tampering in (
        lambda: AuditEntry.objects.update(by="bo"),
        lambda: AuditEntry.objects.filter(about="thread:1").delete(),
        lambda: AuditEntry.objects.get().delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            tampering()
    assert queries.trail("thread:1") == [("alma", "threads.looked")]


def test_a_deed_that_is_undone_leaves_no_line() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        services.record(by="alma", action="threads.answered", about="thread:1")
        raise RuntimeError

    assert queries.trail("thread:1") == []


def test_the_leader_finds_lines_by_hand_time_and_deed() -> None:
    before = clock.now()
    services.record_many(by="alma", action="threads.looked", about=["thread:1", "thread:2"])
    services.record(by="bo", action="access.signed_in", about="user:2")

    assert [line.about for line in queries.entries(by=ALMA)] == ["thread:2", "thread:1"]
    assert queries.entries(action="access.").count() == 1
    assert queries.entries(about="thread:1", since=before).count() == 1
    assert not queries.entries(until=before).exists()
    assert str(queries.entries()[0]) == "bo access.signed_in user:2"
