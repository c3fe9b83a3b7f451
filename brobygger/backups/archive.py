"""The sealed file: whoever holds its private key reads it, whoever holds the public half can only write it.

A stream key of its own, sealed to the public key; then the content, packed and cut in pieces, each sealed after the one
before it (libsodium's secretstream, XChaCha20-Poly1305). The last piece says that it is the last: a file that was cut
off, changed, or put together from two is refused.
"""

import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from nacl import bindings
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

MAGIC = b"brobygger copy 1 "
_PIECE = 64 * 1024
_SEALED_KEY = bindings.crypto_box_SEALBYTES + bindings.crypto_secretstream_xchacha20poly1305_KEYBYTES
_HEADER = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_MORE = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_LAST = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_EXTRA = bindings.crypto_secretstream_xchacha20poly1305_ABYTES


class Refused(Exception):
    """A copy that cannot be used; the message says why and what to do."""


class Writer:
    """Packs and seals what it is given. Close it with `close`, or the file has no end and is refused."""

    def __init__(self, file: IO[bytes], kind: str, public: bytes) -> None:
        """Draw the key of this one file and seal it to the public key."""
        key = bindings.crypto_secretstream_xchacha20poly1305_keygen()
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        self._pack = zlib.compressobj(6)
        self._file, self._waiting = file, bytearray()
        self._place = MAGIC + kind.encode() + b"\n"
        file.write(self._place + SealedBox(PublicKey(public)).encrypt(key))
        file.write(bindings.crypto_secretstream_xchacha20poly1305_init_push(self._state, key))

    def write(self, data: bytes) -> None:
        """Take more of the content."""
        self._waiting += self._pack.compress(data)
        # One piece is always held back: the last must be able to say that it is.
        while len(self._waiting) > _PIECE:
            self._seal(bytes(self._waiting[:_PIECE]), _MORE)
            del self._waiting[:_PIECE]

    def close(self) -> None:
        """Seal the last piece."""
        self._waiting += self._pack.flush()
        while len(self._waiting) > _PIECE:
            self._seal(bytes(self._waiting[:_PIECE]), _MORE)
            del self._waiting[:_PIECE]
        self._seal(bytes(self._waiting), _LAST)

    def _seal(self, piece: bytes, tag: int) -> None:
        push = bindings.crypto_secretstream_xchacha20poly1305_push
        self._file.write(push(self._state, piece, ad=self._place, tag=tag))


@contextmanager
def writing(path: Path, kind: str, public: bytes) -> Iterator[Writer]:
    """Write a copy beside its place and move it there when it is whole and on disk; nobody else may read it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.part")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            writer = Writer(file, kind, public)
            yield writer
            writer.close()
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
    finally:
        new.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Reader:
    """Opens a copy with one of some private keys and gives its content, piece by piece. Raises `Refused`."""

    def __init__(self, path: Path, kind: str, privates: Iterable[bytes]) -> None:
        """Read the head and find the key that opens it."""
        self.path, self._place = path, MAGIC + kind.encode() + b"\n"
        try:
            self._file = path.open("rb")
        except OSError as why:
            raise Refused(f"{path} cannot be read: {why.strerror}.") from None
        if self._file.read(len(self._place)) != self._place:
            self._file.close()
            raise Refused(f"{path} is not a copy of the {kind} made by this house.")
        sealed, header = self._file.read(_SEALED_KEY), self._file.read(_HEADER)
        key = next(filter(None, (_opened(sealed, private) for private in privates)), None)
        if key is None or len(header) != _HEADER:
            self._file.close()
            raise Refused(
                f"{path} is sealed to another key, or damaged. It is opened by the recovery sheet of the {kind} "
                "that was printed when the key was made."
            )
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(self._state, header, key)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def pieces(self) -> Iterator[bytes]:
        """Give the content; the end is given only when it was sealed as the end."""
        with self._file:
            yield from self._pieces()

    def _pieces(self) -> Iterator[bytes]:
        unpack, ended = zlib.decompressobj(), False
        while sealed := self._file.read(_PIECE + _EXTRA):
            if ended:
                raise Refused(f"{self.path} has something after its end. Use another copy.")
            try:
                pull = bindings.crypto_secretstream_xchacha20poly1305_pull
                piece, tag = pull(self._state, sealed, ad=self._place)
                yield unpack.decompress(piece)
            except (CryptoError, ValueError, RuntimeError, zlib.error):
                raise Refused(f"{self.path} is damaged, or somebody has changed it. Use another copy.") from None
            ended = tag == _LAST
        if not ended:
            raise Refused(f"{self.path} is cut off: its end is missing. Use another copy.")
        yield unpack.flush()

    def lines(self) -> Iterator[bytes]:
        """Give the content line by line."""
        rest = b""
        for piece in self.pieces():
            *whole, rest = (rest + piece).split(b"\n")
            yield from whole
        if rest:
            raise Refused(f"{self.path} ends in the middle of a line. Use another copy.")


def _opened(sealed: bytes, private: bytes) -> bytes | None:
    try:
        key = SealedBox(PrivateKey(private)).decrypt(sealed)
    except (CryptoError, ValueError, TypeError):
        return None
    return key if len(key) == bindings.crypto_secretstream_xchacha20poly1305_KEYBYTES else None
