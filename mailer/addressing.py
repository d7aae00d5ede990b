"""The addresses and ids of our own mails (ports.Addressing): signed reply tokens bound to a conversation."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from bot.ports import Conversation, TokenSeen
from mailer.address import bounce_address, message_id, normalise_address, reply_address, sign, token_in_address, verify


class ReplyAddressing:
    """Implements ports.Addressing for one mailbox.

    A token is bound to the conversation, to the contact it is with, and to the deal it is about: a row that was
    changed under it no longer matches.
    """

    def __init__(self, address: str, secrets: Sequence[bytes]) -> None:
        """`address` is the mailbox without token; the first secret signs, all verify."""
        self._address = address
        self._secrets = tuple(secrets)
        self._domain = address.rpartition("@")[2]

    def token(self, conversation: Conversation) -> str:
        contact, about = _bound(conversation)
        return sign(self._secrets, conversation_id=conversation.id, contact=contact, about=about)

    def matches(self, seen: TokenSeen, conversation: Conversation) -> bool:
        contact, about = _bound(conversation)
        return verify(self._secrets, seen.token, contact=contact, about=about) == conversation.id

    def reply_to(self, token: str) -> str:
        return reply_address(self._address, token)

    def bounce_to(self, token: str) -> str:
        return bounce_address(self._address, token)

    def message_id(self, token: str, number: int) -> str:
        return message_id(token, number, self._domain)

    def thread_root(self, deal_id: str, person_id: str) -> str:
        """Not a token: an id that no mail has, the same for all notices about a deal to a person."""
        digest = hashlib.sha256(f"thread:{deal_id}:{person_id}".encode()).hexdigest()[:24]
        return f"deal-{digest}@{self._domain}"

    def is_own(self, address: str) -> bool:
        plain = normalise_address(address)
        return plain == normalise_address(self._address) or token_in_address(plain, self._address) is not None


def _bound(conversation: Conversation) -> tuple[str, str]:
    return conversation.contact_id or "", conversation.deal_id or ""
