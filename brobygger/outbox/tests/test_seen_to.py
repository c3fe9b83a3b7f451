"""What did not get through is seen by people, and they do something about it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from brobygger.access.guards import NotAllowed
from brobygger.ground import clock
from brobygger.outbox import queries, services
from brobygger.outbox.models import Notice
from brobygger.outbox.tests.families import Family
from brobygger.outbox.tests.wires import Gateway
from brobygger.privacy import queries as privacy
from tests.letters import address

Signed = Callable[[Any], Client]


@pytest.fixture
def refused(ea: Family, gives: Any, gateway: Gateway) -> Notice:
    """A message to Ea that the gateway refused."""
    gives(ea)
    gateway.statuses = [400]
    services.notify(thread=ea.thread, kind="answer", by="alma")
    services.send_due()
    return Notice.objects.get()


def test_the_morning_shows_it_under_a_box_number(refused: Notice, ea: Family, finn: Any, bo: Any) -> None:
    for viewer in (finn, bo):
        (shown,) = queries.failed(viewer)
        assert (shown.number, shown.kind, shown.channel, shown.state) == (ea.key[:4], "answer", "sms", "failed")
        assert shown.problem == "refused"


def taken(family: Family, by: Any) -> None:
    """Let somebody have a family's thread, as the worklist would."""
    family.thread.enquiry.__class__.objects.filter(thread=family.thread).update(taken_by=by)


def test_a_therapist_sees_nothing_of_a_colleagues_threads(
    refused: Notice, ea: Family, finn: Any, alma: Any, bo: Any, clara: Any, staff_client: Signed
) -> None:
    taken(ea, alma)

    assert [len(queries.failed(viewer)) for viewer in (alma, bo, finn, clara)] == [1, 0, 1, 1]
    for viewer, sees in ((bo, False), (alma, True), (finn, True)):
        page = staff_client(viewer).get(address("outbox:failed"))
        assert page.status_code == 200 and (ea.key[:4] in page.content.decode()) is sees


def test_a_therapist_sees_what_failed_to_themselves_and_not_to_a_colleague(
    refused: Notice, alma: Any, bo: Any, finn: Any
) -> None:
    Notice.objects.update(thread=None, user=alma, kind="test")

    assert [len(queries.failed(viewer)) for viewer in (alma, bo, finn)] == [1, 0, 1]


def test_a_long_list_shows_the_oldest_fifty_and_says_how_many_more(
    refused: Notice, ea: Family, finn: Any, staff_client: Signed
) -> None:
    more = [
        Notice(kind="answer", thread=ea.thread, due_at=clock.now() + timedelta(minutes=each), state="failed")
        for each in range(49)
    ]
    Notice.objects.bulk_create(more)
    page = staff_client(finn).get(address("outbox:failed")).content.decode()
    assert page.count('class="row"') == 50 and "når disse er klaret" not in page
    Notice.objects.create(kind="answer", thread=ea.thread, due_at=clock.now() - timedelta(hours=1), state="failed")

    page = staff_client(finn).get(address("outbox:failed")).content.decode()

    assert page.count('class="row"') == 50 and "Og 1 mere, når disse er klaret" in page


def test_who_sees_no_morning_sees_none_of_it(refused: Notice, gro: Any, dan: Any, operator: Any) -> None:
    assert [queries.failed(viewer) for viewer in (gro, dan, operator)] == [[], [], []]


def test_the_page_says_what_went_wrong_and_no_number(
    refused: Notice, ea: Family, finn: Any, staff_client: Signed
) -> None:
    page = staff_client(finn).get(address("outbox:failed"))
    text = page.content.decode()
    assert page.status_code == 200
    assert f"Boks {ea.key[:4]}" in text
    assert "Beskeden blev afvist." in text
    assert "20304050" not in text and "20 30 40 50" not in text


def test_a_therapist_sees_the_list_without_the_buttons(refused: Notice, bo: Any, staff_client: Signed) -> None:
    page = staff_client(bo).get(address("outbox:failed"))
    assert "Beskeden blev afvist." in page.content.decode()
    assert address("outbox:again", notice=str(refused.pk)) not in page.content.decode()


def test_tried_again_after_a_refusal_it_goes_under_a_new_id(
    refused: Notice, finn: Any, gateway: Gateway, staff_client: Signed
) -> None:
    answer = staff_client(finn).post(address("outbox:again", notice=str(refused.pk)))
    assert answer.status_code == 302
    services.send_due()
    keys = [each["headers"]["Idempotency-Key"] for each in gateway.asked]
    assert keys[0] != keys[1]
    assert Notice.objects.get().state == "sent"
    assert queries.failed(finn) == []
    assert [entry.by for entry in privacy.entries(action="outbox.tried_again")] == ["finn"]


def test_tried_again_after_silence_it_keeps_its_id(refused: Notice, finn: Any, gateway: Gateway) -> None:
    Notice.objects.update(state="uncertain", problem="unknown_end")
    services.try_again(notice=refused.pk, by=finn)
    services.send_due()
    assert Notice.objects.get().pk == refused.pk
    assert len({each["headers"]["Idempotency-Key"] for each in gateway.asked}) == 1


def test_a_time_is_still_said_when_it_is_tried_again(ea: Family, gives: Any, gateway: Gateway, finn: Any) -> None:
    gives(ea)
    gateway.statuses = [400]
    starts_at = (clock.now() + timedelta(days=2)).isoformat()
    services.notify(thread=ea.thread, kind="called_off", by="alma", params={"starts_at": starts_at})
    services.send_due()
    services.try_again(notice=Notice.objects.get().pk, by=finn)
    services.send_due()
    assert gateway.texts == ["Aftalen onsdag den 25. november kl. 8.10 er aflyst. Der er mere at læse til dig."]


def test_what_is_seen_to_leaves_the_list_and_then_the_house(refused: Notice, finn: Any, staff_client: Signed) -> None:
    staff_client(finn).post(address("outbox:drop", notice=str(refused.pk)))
    assert queries.failed(finn) == []
    assert [entry.by for entry in privacy.entries(action="outbox.given_up")] == ["finn"]
    assert services.sweep(clock.now() + timedelta(days=2)) == 1


def test_what_nobody_has_seen_stays(refused: Notice, finn: Any) -> None:
    services.sweep(clock.now() + timedelta(days=60))
    assert len(queries.failed(finn)) == 1


def test_only_who_has_the_morning_sees_to_it(refused: Notice, bo: Any, staff_client: Signed) -> None:
    for name in ("outbox:again", "outbox:drop"):
        assert staff_client(bo).post(address(name, notice=str(refused.pk))).status_code == 404
    for deed in (services.try_again, services.give_up):
        with pytest.raises(NotAllowed):
            deed(notice=refused.pk, by=bo)
    assert Notice.objects.get().state == "failed"


def test_what_a_colleague_has_seen_to_is_said_kindly(refused: Notice, finn: Any, staff_client: Signed) -> None:
    services.give_up(notice=refused.pk, by=finn)
    client = staff_client(finn)
    page = client.post(address("outbox:again", notice=str(refused.pk)), follow=True)
    assert "En kollega har klaret det" in page.content.decode()
    assert Notice.objects.get().state == "given_up"


def test_a_link_changes_nothing(refused: Notice, finn: Any, staff_client: Signed) -> None:
    for name in ("outbox:again", "outbox:drop"):
        assert staff_client(finn).get(address(name, notice=str(refused.pk))).status_code == 405
    assert Notice.objects.get().state == "failed"
