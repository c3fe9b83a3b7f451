"""A passkey as a phone would have made it, for tests without a browser; the real round trip is a journey."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

ORIGIN, HOST = "https://testserver", "testserver"


def passkey_of(user: Any, name: str = "Min telefon") -> Authenticator:
    """Let somebody have a passkey."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    held = AttestedCredentialData.create(Aaguid.NONE, name.encode(), key)
    flags = AuthenticatorData.FLAG
    said = AuthenticatorData.create(b"\0" * 32, flags.UP | flags.UV | flags.AT, 0, bytes(held))
    client = CollectedClientData.create("webauthn.create", b"\0" * 32, ORIGIN)
    credential = {
        "id": websafe_encode(name.encode()),
        "rawId": websafe_encode(name.encode()),
        "type": "public-key",
        "clientExtensionResults": {"credProps": {"rk": True}},
        "response": {
            "clientDataJSON": websafe_encode(bytes(client)),
            "attestationObject": websafe_encode(bytes(AttestationObject.create("none", said, {}))),
        },
    }
    return WebAuthn.add(user, name, credential).instance
