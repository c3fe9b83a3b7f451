"""What becomes of a message when the other end is slow, busy, wrong or gone."""

import ssl
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings

from brobygger.ground import clock
from brobygger.outbox import channels, services
from brobygger.outbox.models import Notice
from brobygger.outbox.tests import wires
from brobygger.outbox.tests.families import Family, mail_to
from brobygger.outbox.tests.wires import Gateway, Post
from brobygger.privacy import queries as privacy
from tests.cluster import free_port

IDENT = UUID(int=7)


def told(family: Family) -> Notice:
    """Write a word of an answer to a family, and let the worker try once."""
    services.notify(thread=family.thread, kind="answer", by="alma")
    services.send_due()
    return Notice.objects.get()


def later(at: Any, **span: int) -> None:
    """Let time go by."""
    at(clock.local(clock.now() + timedelta(**span)).replace(tzinfo=None).isoformat())


# ---- The gateway ----


@pytest.mark.parametrize("status", [400, 401, 404, 422])
def test_a_refusal_is_final(ea: Family, gives: Any, gateway: Gateway, status: int) -> None:
    gives(ea)
    gateway.statuses = [status]
    notice = told(ea)
    assert (notice.state, notice.problem, notice.attempts) == ("failed", "refused", 1)
    assert [entry.reason for entry in privacy.entries(action="outbox.failed")] == ["answer:sms"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_gateway_is_asked_again_under_the_same_id(
    ea: Family, gives: Any, gateway: Gateway, at: Any, status: int
) -> None:
    gives(ea)
    gateway.statuses = [status]
    notice = told(ea)
    assert (notice.state, notice.problem) == ("waiting", "later")
    assert notice.due_at == clock.now() + timedelta(minutes=1)
    later(at, minutes=1)
    services.send_due()
    assert Notice.objects.get().state == "sent"
    assert len({each["headers"]["Idempotency-Key"] for each in gateway.asked}) == 1
    assert len(gateway.phones) == 1


def test_after_six_tries_over_half_a_day_a_person_is_asked(ea: Family, gives: Any, gateway: Gateway, at: Any) -> None:
    gives(ea)
    gateway.statuses = [503] * 9
    notice = told(ea)
    for wait in (1, 5, 30, 120, 720):
        assert (notice.state, notice.due_at) == ("waiting", clock.now() + timedelta(minutes=wait))
        later(at, minutes=wait)
        services.send_due()
        notice.refresh_from_db()
    # Twelve hours later it is night.
    assert len(gateway.asked) == 5
    at("2026-11-24T08:00")
    services.send_due()
    notice.refresh_from_db()
    assert len(gateway.asked) == 6
    assert (notice.state, notice.problem) == ("failed", "later")


def test_a_redirect_is_not_followed(ea: Family, gives: Any, gateway: Gateway) -> None:
    gives(ea)
    gateway.statuses = [307]
    assert told(ea).problem == "refused"
    assert [each["path"] for each in gateway.asked] == ["/send"]


def test_a_dead_gateway_rests_and_costs_the_others_no_attempt(
    ea: Family, another: Family, gives: Any, gateway: Gateway, settings: LazySettings, at: Any
) -> None:
    gives(ea)
    gives(another)
    alive, settings.OUTBOX_SMS = settings.OUTBOX_SMS, {**settings.OUTBOX_SMS, "url": f"http://127.0.0.1:{free_port()}/"}
    for family in (ea, another):
        services.notify(thread=family.thread, kind="answer", by="alma")
    services.send_due()
    assert sorted(Notice.objects.values_list("state", "attempts")) == [("waiting", 0), ("waiting", 1)]
    assert services.send_due() == 0, "nothing is due while the wire rests"

    settings.OUTBOX_SMS = alive
    later(at, minutes=1)
    services.send_due()
    assert len(gateway.phones) == 2


def test_a_gateway_that_hangs_is_given_up_on_and_asked_again(
    ea: Family, gives: Any, gateway: Gateway, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "PATIENCE", 0.2)
    gives(ea)
    gateway.hang = 30
    notice = told(ea)
    assert (notice.state, notice.problem) == ("waiting", "unreachable")
    gateway.hang = 0
    later(at, minutes=1)
    services.send_due()
    assert Notice.objects.get().state == "sent"
    assert len(gateway.asked) == 2
    assert len(gateway.phones) == 1, "the gateway knew it"


def test_a_number_never_goes_over_an_open_line(settings: LazySettings) -> None:
    settings.OUTBOX_SMS = {"url": "http://gateway.example/send", "token": "", "sender": ""}
    with pytest.raises(channels.Refused, match="not_private"):
        channels.HttpGateway().send(ident=IDENT, to="+4520304050", text="Der er nyt", subject="")


def test_a_gateway_whose_certificate_is_nobodys_gets_nothing(settings: LazySettings, tls: "Tls") -> None:
    with wires.gateway() as state:
        port = state.url.rpartition(":")[2]
        settings.OUTBOX_SMS = {"url": f"https://127.0.0.1:{port}", "token": "", "sender": ""}
        # It speaks no TLS at all: what comes back is no handshake.
        with pytest.raises(channels.Refused, match="not_private"):
            channels.HttpGateway().send(ident=IDENT, to="+4520304050", text="Der er nyt", subject="")
        assert state.asked == []


@pytest.mark.parametrize("number", ["", "20304050", "+45abc", "+4520304050\r\nX: y"])
def test_what_is_no_number_is_not_sent(gateway: Gateway, number: str) -> None:
    with pytest.raises(channels.Refused, match="bad_address"):
        channels.HttpGateway().send(ident=IDENT, to=number, text="Der er nyt", subject="")
    assert gateway.asked == []


def test_a_sender_that_shows_the_house_sends_nothing(
    ea: Family, gives: Any, gateway: Gateway, settings: LazySettings
) -> None:
    gives(ea)
    settings.OUTBOX_SMS = {**settings.OUTBOX_SMS, "sender": "Dit Rum"}
    notice = told(ea)
    assert (notice.state, notice.problem) == ("failed", "names_the_house")
    assert gateway.asked == []


def test_a_way_the_house_no_longer_has_is_left_to_a_person(
    ea: Family, gives: Any, gateway: Gateway, mail: Post, settings: LazySettings
) -> None:
    gives(ea)
    settings.OUTBOX_CHANNELS = {"mail": settings.OUTBOX_CHANNELS["mail"]}
    assert told(ea).problem == "no_channel"


def test_a_damaged_card_is_left_to_a_person_and_stops_nobody_else(
    ea: Family, another: Family, gives: Any, gateway: Gateway
) -> None:
    gives(ea)
    gives(another)
    card = ea.thread.card
    card.sealed = bytes(card.sealed)[:-1] + b"x"
    card.save()
    for family in (ea, another):
        services.notify(thread=family.thread, kind="answer", by="alma")
    services.send_due()
    assert Notice.objects.get(thread=ea.thread).problem == "unreadable"
    assert Notice.objects.get(thread=another.thread).state == "sent"


# ---- The mail server ----


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Tls":
    """A certificate of this machine, that this process believes in."""
    made = Tls(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
    return made


class Tls:
    """A certificate for 127.0.0.1, and its key."""

    def __init__(self, folder: Path) -> None:
        self.certificate, key = folder / "cert.pem", folder / "key.pem"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-keyout", str(key), "-out", str(self.certificate), "-days", "2", "-subj", "/CN=127.0.0.1"]
        command += [
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "keyUsage=critical,digitalSignature,keyCertSign",
        ]
        subprocess.run(command, check=True, capture_output=True)
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(self.certificate, key)


def mailed(text: str = "Der er nyt til dig.", to: str = "ea@post.example") -> None:
    """Send one mail over the wire as it stands."""
    channels.Smtp().send(ident=IDENT, to=to, text=text, subject="En besked")


def test_a_server_that_cannot_close_the_line_gets_no_mail(settings: LazySettings) -> None:
    with wires.post() as state:
        mail_to(state, settings, starttls="1")
        with pytest.raises(channels.Refused, match="not_private"):
            mailed()
        assert state.mails == []


def test_a_server_elsewhere_must_close_the_line_unasked(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "LOOPBACK", set())
    with wires.post() as state:
        mail_to(state, settings)
        with pytest.raises(channels.Refused, match="not_private"):
            mailed()
        assert state.mails == []


def test_a_mail_goes_over_a_closed_line_with_our_password(settings: LazySettings, tls: Tls) -> None:
    with wires.post(tls=tls.server) as state:
        mail_to(state, settings, starttls="1", user="huset", password="secret")
        mailed("Æblet ligger på øen.")
        assert state.encrypted == [True]
        assert state.names == [(b"huset", b"secret")]


def test_a_server_whose_certificate_is_nobodys_gets_no_mail(
    settings: LazySettings, tls: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with wires.post(tls=tls.server) as state:
        mail_to(state, settings, starttls="1")
        with pytest.raises(channels.Refused, match="not_private"):
            mailed()
        assert state.mails == []


def test_a_wrong_password_is_a_refusal(settings: LazySettings, tls: Tls) -> None:
    with wires.post(tls=tls.server) as state:
        mail_to(state, settings, starttls="1", user="huset", password="wrong")
        with pytest.raises(channels.Refused, match="refused"):
            mailed()


def test_an_address_that_does_not_exist_is_final(ea: Family, gives: Any, mail: Post) -> None:
    gives(ea, "mail")
    mail.to_rcpt = "550 5.1.1 nobody here"
    notice = told(ea)
    assert (notice.state, notice.problem, notice.channel) == ("failed", "bad_address", "mail")


def test_a_server_that_asks_us_to_wait_is_asked_again(ea: Family, gives: Any, mail: Post, at: Any) -> None:
    gives(ea, "mail")
    mail.to_rcpt = "451 4.7.1 later, please"
    notice = told(ea)
    assert (notice.state, notice.problem) == ("waiting", "later")
    mail.to_rcpt = ""
    later(at, minutes=1)
    services.send_due()
    assert len(mail.mails) == 1
    assert Notice.objects.get().state == "sent"


def test_a_mail_the_server_refuses_is_final(ea: Family, gives: Any, mail: Post) -> None:
    gives(ea, "mail")
    mail.to_data = "554 5.7.1 we do not like it"
    assert told(ea).problem == "refused"


def test_a_dead_mail_server_is_tried_later(ea: Family, gives: Any, mail: Post, settings: LazySettings) -> None:
    gives(ea, "mail")
    settings.OUTBOX_SMTP = {**settings.OUTBOX_SMTP, "port": str(free_port())}
    notice = told(ea)
    assert (notice.state, notice.problem) == ("waiting", "unreachable")


def test_a_mail_whose_end_nobody_heard_is_not_sent_again_by_itself(ea: Family, gives: Any, mail: Post, at: Any) -> None:
    gives(ea, "mail")
    mail.silent = True
    notice = told(ea)
    assert (notice.state, notice.problem) == ("uncertain", "unknown_end")
    later(at, days=1)
    services.send_due()
    assert len(mail.mails) == 1


@pytest.mark.parametrize("address", ["", "ea", "ea@post.example\nBcc: other@post.example", "a@b.example, c@d.example"])
def test_what_is_no_address_is_not_sent(mail: Post, address: str) -> None:
    with pytest.raises(channels.Refused, match="bad_address"):
        mailed(to=address)
    assert mail.mails == []


# ---- Stopped in between ----


def stopped(at: Any, channel: str, family: Family) -> None:
    """Leave a message as a worker that was killed on the wire does, and let its lease run out."""
    services.notify(thread=family.thread, kind="answer", by="alma")
    lease = clock.now() + timedelta(seconds=300)
    Notice.objects.update(state="sending", channel=channel, attempts=1, lease_until=lease)
    assert services.send_due() == 0, "the lease still stands"
    later(at, seconds=301)
    services.send_due()


def test_a_text_message_left_on_the_wire_is_sent_when_its_lease_is_over(
    ea: Family, gives: Any, gateway: Gateway, at: Any
) -> None:
    gives(ea)
    stopped(at, "sms", ea)
    assert Notice.objects.get().state == "sent"
    assert len(gateway.asked) == 1


def test_a_mail_left_on_the_wire_waits_for_a_person(ea: Family, gives: Any, mail: Post, at: Any) -> None:
    gives(ea, "mail")
    stopped(at, "mail", ea)
    assert (Notice.objects.get().state, Notice.objects.get().problem) == ("uncertain", "unknown_end")
    assert mail.mails == []


def test_a_worker_that_comes_late_changes_nothing(
    ea: Family, gives: Any, gateway: Gateway, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gives(ea)
    services.notify(thread=ea.thread, kind="answer", by="alma")
    send = channels.HttpGateway.send

    def slow(self: Any, **values: Any) -> None:
        """Another worker takes over while this one is on the wire."""
        Notice.objects.update(attempts=2)
        send(self, **values)
        raise channels.Refused("refused")

    monkeypatch.setattr(channels.HttpGateway, "send", slow)
    services.send_due()
    assert Notice.objects.get().state == "sending", "it belongs to the other one"


def test_nothing_personal_stands_in_what_is_raised(gateway: Gateway, mail: Post, settings: LazySettings) -> None:
    gateway.statuses = [500]
    mail.to_rcpt = "550 ea@post.example is nobody"
    for wire, to in ((channels.HttpGateway(), "+4520304050"), (channels.Smtp(), "ea@post.example")):
        with pytest.raises(channels.NotThrough) as raised:
            wire.send(ident=IDENT, to=to, text="Der er nyt", subject="En besked")
        assert raised.value.args in (("later",), ("bad_address",))
        assert raised.value.__cause__ is None
        assert raised.value.__suppress_context__ or raised.value.__context__ is None


def test_the_console_shows_no_whole_number(capsys: pytest.CaptureFixture[str]) -> None:
    console = channels.Console()
    console.send(ident=IDENT, to="+4524230300", text="Der er nyt til dig.", subject="")
    console.send(ident=IDENT, to="ea@post.example", text="Der er nyt til dig.", subject="")
    said = capsys.readouterr().out
    assert said == "SMS to +45 24•• ••00: Der er nyt til dig.\nMail to e••••@p••••: Der er nyt til dig.\n"
