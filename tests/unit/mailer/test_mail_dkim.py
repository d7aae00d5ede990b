"""Our signatures, as dkimpy verifies them."""

from __future__ import annotations

import base64
from collections.abc import Callable

import dkim
import pytest
from cryptography.hazmat.primitives import serialization as as_bytes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from mailer.dkim import Signer
from tests.unit.mailer.test_mail_circular import LETTER, written

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ED = ed25519.Ed25519PrivateKey.generate()


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(as_bytes.Encoding.PEM, as_bytes.PrivateFormat.PKCS8, as_bytes.NoEncryption())


def record(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    """What stands in the DNS."""
    if isinstance(key, rsa.RSAPrivateKey):
        public = key.public_key().public_bytes(as_bytes.Encoding.DER, as_bytes.PublicFormat.SubjectPublicKeyInfo)
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    public = key.public_key().public_bytes(as_bytes.Encoding.Raw, as_bytes.PublicFormat.Raw)
    return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(public)


def verifies(message: bytes, dns: bytes) -> bool:
    lookup: Callable[..., bytes] = lambda _name, timeout=5: dns  # noqa: E731, ARG005
    return bool(dkim.verify(message, dnsfunc=lookup))


def signer(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> Signer:
    return Signer(domain="meridian.example", selector="op1", key_pem=pem(key))


@pytest.mark.parametrize("key", [RSA, ED], ids=["rsa", "ed25519"])
def test_a_signed_circular_verifies_and_a_changed_one_does_not(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
    signed = signer(key)(written(LETTER))
    assert signed == signer(key)(written(LETTER))
    assert verifies(signed, record(key))
    assert not verifies(signed.replace(b"Prozent", b"Promille", 1), record(key))
    assert not verifies(signed.replace(b"List-Unsubscribe-Post: L", b"List-Unsubscribe-Post: X"), record(key))
    assert not verifies(signed.replace(b"\r\nTo:", b"\r\nFrom: x@evil.example\r\nTo:", 1), record(key))


@given(body=st.binary(max_size=60), subject=st.text(alphabet="ab \t=;", min_size=1, max_size=60))
def test_whatever_a_mail_holds_its_signature_verifies(body: bytes, subject: str):
    body = body.replace(b"\r", b"").replace(b"\n", b"\r\n")
    head = f"From: a@meridian.example\r\nSubject: x{subject}\r\n  folded\r\nTo: b@x.example\r\n\r\n".encode()
    assert verifies(signer(ED)(head + body), record(ED))


@pytest.mark.parametrize("key", [b"", b"secret", pem(ec.generate_private_key(ec.SECP256R1()))])
def test_a_key_that_cannot_sign_is_refused(key: bytes):
    with pytest.raises(ValueError, match="is n"):
        Signer(domain="meridian.example", selector="op1", key_pem=key)
