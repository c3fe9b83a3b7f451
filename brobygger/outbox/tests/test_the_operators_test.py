"""Whoever runs the machine sees whether a wire works, in words."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from brobygger.outbox import services
from brobygger.outbox.management.commands import trywire
from brobygger.outbox.models import Notice
from brobygger.outbox.tests.wires import Gateway, Post


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that sends while the command waits."""
    monkeypatch.setattr(trywire, "sleep", lambda _seconds: services.send_due())


def test_a_mail_to_a_colleague_is_sent_by_the_worker(
    furnished: Any, alma: Any, mail: Post, worker: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("trywire", "alma")
    assert "took it" in capsys.readouterr().out
    assert [envelope.rcpt_tos for envelope in mail.mails] == [["alma@huset.example"]]


def test_what_goes_wrong_is_said_in_words(furnished: Any, alma: Any, mail: Post, worker: None) -> None:
    mail.to_rcpt = "550 5.1.1 nobody here"
    with pytest.raises(CommandError, match="findes ikke"):
        call_command("trywire", "alma")


def test_without_a_worker_it_says_so(furnished: Any, alma: Any, mail: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trywire, "PATIENCE", 0.0)
    with pytest.raises(CommandError, match="Does the worker run"):
        call_command("trywire", "alma")


def test_a_telephone_shows_the_test_and_the_number_is_not_kept(db: None, gateway: Gateway) -> None:
    call_command("trywire", "--number", "+45 20 30 40 50")
    assert gateway.texts == ["Det her er en prøve. Den kom frem."]
    assert not Notice.objects.exists()


def test_a_gateway_that_refuses_is_heard(db: None, gateway: Gateway) -> None:
    gateway.statuses = [401]
    with pytest.raises(CommandError, match="afvist"):
        call_command("trywire", "--number", "+4520304050")


def test_it_is_told_to_whom(db: None, settings: LazySettings) -> None:
    for asked, says in (([], "to whom"), (["nobody"], "Nobody"), (["--number", "+4520304050"], "kan ikke sendes")):
        with pytest.raises(CommandError, match=says):
            call_command("trywire", *asked)
