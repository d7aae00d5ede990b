"""DKIM signatures (RFC 6376) for those whose relay does not sign. Verifies nothing, and changes no byte of a mail.

Headers are canonicalised "relaxed", bodies "simple": ours are 7-bit and end no line in blanks, so that relays leave
them alone.
"""

from __future__ import annotations

import base64
import hashlib
import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

#: What is signed where it is there: what RFC 6376 5.4.1 advises, and what RFC 8058 section 4 demands.
_SIGNED = (
    "from", "reply-to", "to", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
    "content-type", "list-id", "list-unsubscribe", "list-unsubscribe-post", "feedback-id",
)  # fmt: skip
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_BLANKS = re.compile(rb"[ \t]+")
_FEWEST_BITS = 1024  # RFC 8301, 3.2: verifiers do not take less


class Signer:
    """Signs for one domain with one key. `selector` names the DNS record <selector>._domainkey.<domain>."""

    def __init__(self, *, domain: str, selector: str, key_pem: bytes) -> None:
        """Raises ValueError when the key is no RSA key of at least 1,024 bits and no Ed25519 key (RFC 8463)."""
        try:
            key = load_pem_private_key(key_pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
            raise ValueError(f"is no private key in PEM without a password ({exc})") from exc
        if isinstance(key, RSAPrivateKey) and key.key_size >= _FEWEST_BITS:
            self._algorithm = "rsa-sha256"
        elif isinstance(key, Ed25519PrivateKey):
            self._algorithm = "ed25519-sha256"
        else:
            raise ValueError("is neither an RSA key of at least 1,024 bits nor an Ed25519 key")
        self._key = key
        self._domain, self._selector = domain, selector

    def __call__(self, message: bytes) -> bytes:
        """The message with its signature before it. `message` has CRLF throughout; the same one always gets the same
        signature: no time is in it."""
        head, _, body = message.partition(b"\r\n\r\n")
        fields: dict[bytes, bytes] = {}
        for field in _FOLD.sub(b"", head).split(b"\r\n"):
            name, _, value = field.partition(b":")
            fields.setdefault(name.strip().lower(), value)
        names = [name for name in _SIGNED if name.encode() in fields]
        body_hash = base64.b64encode(hashlib.sha256(_simple(body)).digest()).decode()
        # "from" once more than it is there: nobody can add another one (RFC 6376, 8.15).
        parts = (
            f"v=1; a={self._algorithm}; c=relaxed/simple; d={self._domain}; s={self._selector};",
            f"h={':'.join((*names, 'from'))};",
            f"bh={body_hash};",
            "b=",
        )
        lines = [_relaxed(name.encode(), fields[name.encode()]) for name in names]
        signature = "\r\n ".join(parts)
        to_sign = b"\r\n".join([*lines, _relaxed(b"dkim-signature", signature.replace("\r\n", "").encode())])
        signed = base64.b64encode(self._signed(to_sign)).decode()
        folded = "\r\n ".join(signed[at : at + 70] for at in range(0, len(signed), 70))
        return f"DKIM-Signature: {signature}{folded}\r\n".encode("ascii") + message

    def _signed(self, content: bytes) -> bytes:
        if isinstance(self._key, RSAPrivateKey):
            return self._key.sign(content, PKCS1v15(), SHA256())
        return self._key.sign(hashlib.sha256(content).digest())  # RFC 8463, 3


def _relaxed(name: bytes, value: bytes) -> bytes:
    """RFC 6376, 3.4.2: lower case, one blank for many, none at the ends."""
    return name + b":" + _BLANKS.sub(b" ", value).strip(b" ")


def _simple(body: bytes) -> bytes:
    """RFC 6376, 3.4.3: exactly one line end at the end."""
    return body.rstrip(b"\r\n") + b"\r\n"
