"""Bearer tokens in our reply addresses and Message-IDs, and the addresses themselves.

A token says which conversation is answered and cannot be made without the secret; it does not say who answers
(see mailer/authentic.py). Never looks for one in a body: a quoted mail is not a credential.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mailer.fields import mailboxes, tidy_address
from mailer.mail import Headers, Mail

_ID_BYTES = 8
_MAC_BYTES = 16
TOKEN_CHARS = 39  # base32 of 24 bytes without padding
_MAX_LOCAL_PART_CHARS = 64  # RFC 5321, 4.5.3.1.1
_HOST = re.compile(r"[a-z0-9.-]+")
_TOKEN = re.compile(r"[a-z2-7]{39}")

# Headers in which a receiving server notes the envelope's recipient, that is where the mail really went.
ENVELOPE_HEADERS = (
    "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To", "X-Gm-Original-To",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token that looks right; only `verify` says whether it is one of ours."""

    conversation_id: int  # 0 … 2**64 - 1
    text: str = field(repr=False)  # lower case, TOKEN_CHARS long; a credential, so never in a log


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A token and the header that it stood in."""

    token: Token
    header: str


def sign(secrets: Sequence[bytes], *, conversation_id: int, contact: str, about: str) -> str:
    """The token that ties a conversation to one contact and one subject.

    Args:
        secrets: the first one signs; the others only verify, so that secrets can be rotated.
        conversation_id: 0 … 2**64 - 1, our own key of the conversation.
        contact: the contact's id in the CRM.
        about: what the conversation is about, such as a deal's id; "" for nothing in particular.

    Raises:
        ValueError: there is no secret, or the id does not fit into 64 bits.
    """
    if not secrets:
        raise ValueError("address: no secret to sign with")
    if not 0 <= conversation_id < 2 ** (8 * _ID_BYTES):
        raise ValueError(f"address: conversation {conversation_id} does not fit into 64 bits")
    number = conversation_id.to_bytes(_ID_BYTES, "big")
    mac = _mac(secrets[0], number, contact, about)
    return base64.b32encode(number + mac).decode("ascii").rstrip("=").lower()


def read_token(text: str) -> Token | None:
    """The token that a text claims to be, in whatever case; None when it cannot be one."""
    lowered = text.strip().lower()
    if not _TOKEN.fullmatch(lowered):
        return None
    content = _token_bytes(lowered)
    if content is None:
        return None
    return Token(conversation_id=int.from_bytes(content[:_ID_BYTES], "big"), text=lowered)


def verify(secrets: Sequence[bytes], token: str, *, contact: str, about: str) -> int | None:
    """The conversation's id when the token was signed for that contact and subject by any of the secrets;
    None otherwise. Takes the same time whichever byte is wrong."""
    claimed = read_token(token)
    content = _token_bytes(claimed.text) if claimed else None
    if claimed is None or content is None:
        return None
    number, mac = content[:_ID_BYTES], content[_ID_BYTES:]
    # All are compared, so that the time does not tell which secret it was.
    matches = [hmac.compare_digest(mac, _mac(secret, number, contact, about)) for secret in secrets]
    return claimed.conversation_id if any(matches) else None


def _token_bytes(token: str) -> bytes | None:
    try:
        content = base64.b32decode(token.upper() + "=")
    except binascii.Error:
        return None
    # The last sign of 39 carries three spare bits: only their zero form is a token, so each has one spelling.
    canonical = base64.b32encode(content).decode("ascii").rstrip("=").lower()
    return content if canonical == token and len(content) == _ID_BYTES + _MAC_BYTES else None


def _mac(secret: bytes, number: bytes, contact: str, about: str) -> bytes:
    """Each field is preceded by its length, so that no two pairs of fields give the same bytes."""
    fields = (number, contact.encode(), about.encode())
    content = b"reply" + b"".join(len(one).to_bytes(4, "big") + one for one in fields)
    return hmac.digest(secret, content, "sha256")[:_MAC_BYTES]


def reply_address(base: str, token: str) -> str:
    """`partners@vendor.example` and a token as `partners+token@vendor.example`.

    Raises:
        ValueError: base is no address, or the local part would be longer than 64 (RFC 5321, 4.5.3.1.1).
    """
    local, at, domain = base.rpartition("@")
    if not at or not local or not domain:
        raise ValueError(f"address: {base!r} is no address: give one such as partners@vendor.example")
    if len(local) + 1 + len(token) > _MAX_LOCAL_PART_CHARS:
        room = _MAX_LOCAL_PART_CHARS - 1 - len(token)
        raise ValueError(f"address: {base!r} leaves no room for a token: at most {room} signs before the @")
    return f"{local}+{token}@{domain}"


def bounce_address(base: str, token: str) -> str:
    """The envelope sender of a mail (VERP), so that its bounce says which mail and whom it was for."""
    return reply_address(base, token)


def message_id(token: str, n: int, domain: str) -> str:
    """The id of the n-th message of a conversation, without angle brackets; References and In-Reply-To of an
    answer carry it back where a server strips the +token from the address."""
    return f"n{n}.{token}@{domain}"


def token_in_id(one_id: str, domain: str) -> Token | None:
    """The token of one of our Message-IDs; Outlook's `x_` and others' prefixes to it are forgiven."""
    local, _, id_domain = one_id.rpartition("@")
    if id_domain.lower() != domain.lower():
        return None
    number, dot, token = local.rpartition(".")
    return read_token(token) if dot and re.fullmatch(r"(?i)(?:x_)*n\d{1,9}", number) else None


def token_in_address(address: str, base: str) -> Token | None:
    """The token of `base` with a +token; None for any other address, also one that starts alike."""
    local, _, domain = tidy_address(address).rpartition("@")
    base_local, _, base_domain = base.rpartition("@")
    own, plus, token = local.rpartition("+")
    is_ours = plus and own.lower() == base_local.lower() and domain.lower() == base_domain.lower()
    return read_token(token) if is_ours else None


def tokens_in(
    mail: Mail, base_address: str, domain: str, own_received_by: re.Pattern[str] | None = None
) -> tuple[Candidate, ...]:
    """The tokens of a mail, most trusted first, each once.

    The envelope's recipient as the receiving servers noted it, then To and Cc, then our own ids in In-Reply-To
    and References (newest first), never the body. Envelope headers below the first Received that is not our
    own servers' are the sender's words and are not looked at.

    Args:
        mail: the received mail.
        base_address: the reply address without token.
        domain: the domain of our Message-IDs.
        own_received_by: matches a Received value stamped by our own servers; None: no server but the last.
    """
    found: dict[str, Candidate] = {}
    for header, token in _claims(mail, base_address, domain, own_received_by):
        if token:
            found.setdefault(token.text, Candidate(token=token, header=header))
    return tuple(found.values())


def bounce_tokens(
    mail: Mail, bounce_base: str, own_received_by: re.Pattern[str] | None = None
) -> tuple[Candidate, ...]:
    """The tokens of the VERP address that a bounce was sent to, most trusted first."""
    return tokens_in(mail, bounce_base, "", own_received_by)


def _claims(
    mail: Mail, base: str, domain: str, own_received_by: re.Pattern[str] | None
) -> Iterator[tuple[str, Token | None]]:
    envelope: dict[str, list[str]] = {name.lower(): [] for name in ENVELOPE_HEADERS}
    for name, value in trusted_fields(mail.headers, own_received_by):
        if name.lower() in envelope:
            envelope[name.lower()].append(value)
    for name in ENVELOPE_HEADERS:
        for box in mailboxes(envelope[name.lower()]):
            yield name, token_in_address(box.address, base)
    for name, boxes in (("To", mail.to), ("Cc", mail.cc)):
        for box in boxes:
            yield name, token_in_address(box.address, base)
    for name, ids in (("In-Reply-To", mail.in_reply_to), ("References", mail.references[::-1])):
        for one_id in ids:
            yield name, token_in_id(one_id, domain) if domain else None


def trusted_fields(headers: Headers, own_received_by: re.Pattern[str] | None) -> Iterator[tuple[str, str]]:
    """The fields that our own receiving servers wrote: all above the first Received not stamped by them.

    Without a pattern only what stands above the second Received is taken, since the first one was stamped by
    the server that holds the mailbox.
    """
    hops = 0
    for name, value in headers:
        if name.lower() == "received":
            hops += 1
            if (hops > 1) if own_received_by is None else not own_received_by.search(value):
                return
        yield name, value


def ids_answered(mail: Mail) -> tuple[str, ...]:
    """The ids of the messages a mail may answer, the likeliest first: In-Reply-To, then References backwards."""
    return tuple(dict.fromkeys((*mail.in_reply_to, *mail.references[::-1])))


def normalise_address(text: str) -> str:
    """An address for comparing: tidied, in lower case, its domain in ASCII (IDNA); "" when it is none.

    The local part is lowered too: RFC 5321 lets servers tell case apart, but none that a business uses does.
    """
    local, _, domain = tidy_address(text).lower().rpartition("@")
    if not domain.isascii():
        try:
            ascii_domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            ascii_domain = ""
        domain = ascii_domain if _HOST.fullmatch(ascii_domain) else domain
    return f"{local}@{domain.rstrip('.')}" if local else ""
