"""The doors between handlers and the world: what handlers call, in the programme's words. Holds no behaviour.

All datetimes are aware (UTC). Every method may raise TransientError (try again) or PermanentError (a person has
to act) of bot.errors.
"""

from bot.ports.announcing import AnnouncementBook, AudienceDesk
from bot.ports.bulk import NAME_SLOT, REPLY_SLOT, Acceptances, BulkPost, Circular, Letter
from bot.ports.crm import CRM, ChangePage, GoneError, RefusedFieldsError
from bot.ports.flight import (
    Change,
    ChangeState,
    Conversation,
    Disposition,
    Inbound,
    Job,
    LearntPhrase,
    Message,
    MessageState,
    PhraseOutcome,
    Received,
)
from bot.ports.json import Json
from bot.ports.listening import (
    Addressing,
    ChatKind,
    ChatReader,
    IncomingChat,
    IncomingMail,
    MailKind,
    MailReader,
    TokenSeen,
    Undelivered,
)
from bot.ports.proposing import Proposed, Proposer, Unclear
from bot.ports.registering import Meeting, NewDeal, RegistrationDesk
from bot.ports.speaking import (
    Chat,
    ChatPerson,
    Email,
    Post,
    Posted,
    RecipientError,
    RenderedEmail,
    RenderedSlack,
    Renderer,
    SlackPost,
)
from bot.ports.store import Store, Unit

__all__ = [
    "CRM",
    "NAME_SLOT",
    "REPLY_SLOT",
    "Acceptances",
    "Addressing",
    "AnnouncementBook",
    "AudienceDesk",
    "BulkPost",
    "Change",
    "ChangePage",
    "ChangeState",
    "Chat",
    "ChatKind",
    "ChatPerson",
    "ChatReader",
    "Circular",
    "Conversation",
    "Disposition",
    "Email",
    "GoneError",
    "Inbound",
    "IncomingChat",
    "IncomingMail",
    "Job",
    "Json",
    "LearntPhrase",
    "Letter",
    "MailKind",
    "MailReader",
    "Meeting",
    "Message",
    "MessageState",
    "NewDeal",
    "PhraseOutcome",
    "Post",
    "Posted",
    "Proposed",
    "Proposer",
    "Received",
    "RecipientError",
    "RefusedFieldsError",
    "RegistrationDesk",
    "RenderedEmail",
    "RenderedSlack",
    "Renderer",
    "SlackPost",
    "Store",
    "TokenSeen",
    "Unclear",
    "Undelivered",
    "Unit",
]
