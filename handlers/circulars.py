"""An announcement as mails and Slack posts: rendered once a language, each reader's own put in. Sends nothing."""

from __future__ import annotations

from bot.domain.announcements import Announcement, Recipient, text_for
from bot.domain.notices import Announced
from bot.domain.partners import Channel, Role
from bot.domain.preferences import ALWAYS
from bot.ports import NAME_SLOT, REPLY_SLOT, Circular, Conversation, Letter, SlackPost
from handlers.audience import announcing
from handlers.services import Services
from handlers.speak import conversation_id

_KEPT = 64  # circulars; a text in seven languages is a few hundred kilobytes


def check(services: Services, announcement: Announcement) -> None:
    """Render it in every language and shape. Raises what a template raises."""
    for language in services.programme.languages:
        circular(services, announcement, language)
        services.renderer.slack(_notice(services, announcement, language, "Julia"), language)


def circular(services: Services, announcement: Announcement, language: str) -> Circular:
    """The mail that all readers of one language get."""
    known = announcing(services).circulars
    key = (announcement.id, announcement.version, language)
    if (found := known.get(key)) is not None:
        return found
    notice = _notice(services, announcement, language, NAME_SLOT)
    rendered = services.renderer.email(notice, language, reply_to=REPLY_SLOT)
    topic, domain = announcement.topic.value, announcing(services).list_domain
    headers = {
        "List-Id": f"<{topic}.announcements.{domain}>",  # RFC 2919, 2
        # support.google.com/mail/answer/6254652 (2026-11): up to three parts of one's own, then the sender's.
        "Feedback-ID": f"{announcement.slug}:{topic}:announcement:offportal",
    }
    made = Circular(
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        sent_at=announcement.at or announcement.created_at,
        headers=headers,
    )
    if len(known) >= _KEPT:
        known.clear()
    known[key] = made
    return made


def letter(services: Services, announcement: Announcement, to: Recipient) -> Letter:
    """The mail to one reader. Its Message-ID depends on the announcement and the reader alone."""
    addressing = services.addressing
    token = addressing.token(conversation_with(announcement, to))
    reply_to = addressing.reply_to(token)
    can_stop = announcement.topic not in ALWAYS
    return Letter(
        number=to.id,
        circular=circular(services, announcement, to.language),
        to_address=to.to,
        to_name=to.name,
        reply_to=reply_to,
        envelope_from=addressing.bounce_to(token),
        message_id=addressing.message_id(token, 0),  # other mails of the conversation count from 1
        unsubscribe=(f"mailto:{reply_to}?subject=stop&body=stop",) if can_stop else (),
    )


def slack_post(services: Services, announcement: Announcement, to: Recipient) -> SlackPost:
    """The post at one place; contacts who read the same channel share it."""
    rendered = services.renderer.slack(_notice(services, announcement, to.language, to.name), to.language)
    return SlackPost(
        channel=to.to,
        thread_ts=None,
        text=rendered.text,
        blocks=rendered.blocks,
        key=f"announcement:{announcement.id}:{to.to}",
        partner_id=to.partner_id,
    )


def conversation_with(announcement: Announcement, to: Recipient) -> Conversation:
    """What a reader's answer belongs to: the reader's own thread by mail, the place's in Slack."""
    in_slack = to.channel is Channel.SLACK
    return Conversation(
        id=conversation_id(f"announcement:{announcement.id}:{to.to if in_slack else to.contact_id}"),
        role=Role.PARTNER,
        partner_id=to.partner_id,
        contact_id=None if in_slack else to.contact_id,
        deal_id=None,
        subject=next(iter(announcement.texts.values())).subject,
        about={"kind": "announcement", "announcement": announcement.id},
        slack_channel=to.to if in_slack else None,
    )


def _notice(services: Services, announcement: Announcement, language: str, name: str) -> Announced:
    text = text_for(announcement.texts, language, services.programme.default_language).text
    required = announcement.topic in ALWAYS
    return Announced(subject=text.subject, body=text.body, name=name, required=required)
