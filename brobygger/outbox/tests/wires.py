"""The other end of the wires, for tests: an SMS gateway and a mail server that listen on this machine."""

import asyncio
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests import cluster


@dataclass
class Gateway:
    """An SMS gateway. `statuses` are what it answers in turn, then always 202, after `hang` seconds."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    hang: float = 0.0
    #: Called before it answers, in its own thread: what happens in the world while a message is on the wire.
    meanwhile: Any = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    #: What went out to telephones, by idempotency key.
    phones: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        """What telephones showed."""
        return [each["text"] for each in self.phones.values()]


@contextmanager
def gateway() -> Iterator[Gateway]:
    """Let a gateway listen; it knows a message it has had before by its key, as real ones do."""
    state, gate, wake = Gateway(), threading.Lock(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with gate:
                state.asked.append({"headers": dict(self.headers), "body": body, "path": self.path})
                status = state.statuses.pop(0) if state.statuses else 202
                if 200 <= status < 300:
                    state.phones.setdefault(self.headers["Idempotency-Key"], body)
            if state.meanwhile:
                state.meanwhile()
            if state.hang:
                wake.wait(state.hang)
            try:
                self.send_response(status)
                if status in (301, 302, 307, 308):
                    self.send_header("Location", f"{state.url}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:
                # The one who asked was killed, or has hung up.
                pass

        def log_message(self, *_any: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}/send"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield state
    finally:
        wake.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Post:
    """A mail server: what it says to each step ("" is yes), and what it was given."""

    port: int = 0
    to_rcpt: str = ""
    to_data: str = ""
    #: Hang up after the whole mail has come, without a word.
    silent: bool = False
    #: Seconds between having a mail and saying so.
    hang: float = 0.0
    mails: list[Any] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    names: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Take a receiver, or not."""
        if self.to_rcpt:
            return self.to_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a mail, or not."""
        if self.to_data:
            return self.to_data
        self.mails.append(envelope)
        self.encrypted.append(session.ssl is not None)
        if self.silent:
            server.transport.abort()
        await asyncio.sleep(self.hang)
        return "250 OK"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        """Let one pair of words in."""
        self.names.append((data.login, data.password))
        return AuthResult(success=(data.login, data.password) == (b"huset", b"secret"), handled=False)


@contextmanager
def post(**said: Any) -> Iterator[Post]:
    """Let a mail server listen; with `tls`, a context with its certificate, it offers STARTTLS."""
    tls: ssl.SSLContext | None = said.pop("tls", None)
    state = Post(port=cluster.free_port(), **said)
    controller = Controller(
        state,
        hostname="127.0.0.1",
        port=state.port,
        tls_context=tls,
        authenticator=state.authenticate,
        auth_require_tls=True,
    )
    controller.start()
    try:
        yield state
    finally:
        controller.stop()
