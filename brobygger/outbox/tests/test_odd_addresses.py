"""A domain with Danish letters, an address that cannot be written, and a message that breaks the wire by itself."""

from typing import Any
from uuid import UUID

import pytest

from brobygger.ground.logging import Plain
from brobygger.outbox import channels, services
from brobygger.outbox.models import Notice
from brobygger.outbox.tests.families import Family
from brobygger.outbox.tests.wires import Post


@pytest.mark.parametrize("typed", ["mor@kærlighed.dk", "mor@KÆRLIGHED.dk"])
def test_a_danish_letter_in_a_domain_is_no_hindrance(mail: Post, typed: str) -> None:
    channels.Smtp().send(ident=UUID(int=7), to=typed, text="Der er nyt.", subject="En besked")
    (envelope,) = mail.mails
    assert envelope.rcpt_tos == ["mor@xn--krlighed-j0a.dk"]
    assert b"\nTo: mor@xn--krlighed-j0a.dk" in envelope.content


@pytest.mark.parametrize("typed", ["mor@straße.de", f"mor@{'å' * 62}.dk"])
def test_a_domain_that_cannot_be_written_faithfully_is_not_sent_to(mail: Post, typed: str) -> None:
    """An older way of writing makes another town's address of "ß": a mail must not go to a stranger."""
    with pytest.raises(channels.Refused, match="bad_address"):
        channels.Smtp().send(ident=UUID(int=7), to=typed, text="Der er nyt.", subject="En besked")
    assert mail.mails == []


def test_one_message_that_breaks_the_wire_does_not_keep_the_others_back(
    ea: Family,
    another: Family,
    gives: Any,
    mail: Post,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gives(ea, "mail", mail="ea@post.example")
    gives(another, "mail", mail="bo@post.example")
    real = channels.Smtp.send

    def breaks(self: channels.Smtp, *, to: str, **more: Any) -> None:
        if to == "ea@post.example":
            raise UnicodeEncodeError("ascii", to, 0, 1, to)
        real(self, to=to, **more)

    monkeypatch.setattr(channels.Smtp, "send", breaks)
    for family in (ea, another):
        services.notify(thread=family.thread, kind="answer", by="alma")

    services.send_due()

    assert [each.rcpt_tos for each in mail.mails] == [["bo@post.example"]]
    left = Notice.objects.exclude(state="sent").get()
    assert (left.thread, left.state, left.problem) == (ea.thread, "uncertain", "unknown_end")
    lines = [Plain().format(each) for each in caplog.records]
    assert "a message broke its wire UnicodeEncodeError" in lines[0] and "post.example" not in str(lines)
