"""Rules of calendar addresses, over plain values."""

from hashlib import sha256


def token_hash(token: str) -> bytes:
    """Turn a calendar's secret into what is kept. It is 256 random bits, so a plain hash is enough."""
    return sha256(token.encode()).digest()
