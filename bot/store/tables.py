"""The tables of our own store, as SQLAlchemy sees them. Refuses statements: each topic has its module.

A change here needs a revision in migrations/versions; a test compares the two. Partners and deals are not here:
the CRM is their only home.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.columns import Id, JsonText, Moment, Words, refers

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

inbound = sa.Table(
    "inbound",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("channel", Words, nullable=False),
    sa.Column("key", Words, nullable=False, unique=True),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("disposition", Words),
    sa.Column("disposed_at", Moment),
    sa.Column("reason", Words),
    sa.Column("conversation_id", sa.BigInteger),
    sa.Column("sender", Words),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Index(
        "ix_inbound_undisposed",
        "id",
        sqlite_where=sa.text("disposition IS NULL"),
        postgresql_where=sa.text("disposition IS NULL"),
    ),
    sqlite_autoincrement=True,
)

# Apart from inbound, because SQLite writes a whole row again when one column of it changes.
raw_inbound = sa.Table(
    "raw_inbound",
    metadata,
    sa.Column("inbound_id", Id, refers("inbound.id"), primary_key=True, autoincrement=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
)

fingerprints = sa.Table(
    "fingerprints",
    metadata,
    sa.Column("fingerprint", Words, primary_key=True),
    sa.Column("inbound_id", sa.BigInteger, refers("inbound.id"), nullable=False),
)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("role", Words, nullable=False),
    sa.Column("partner_id", Words),
    sa.Column("contact_id", Words),
    sa.Column("deal_id", Words),
    sa.Column("subject", Words, nullable=False),
    sa.Column("about", JsonText, nullable=False),
    sa.Column("mail_ids", JsonText, nullable=False),
    sa.Column("slack_channel", Words),
    sa.Column("slack_ts", Words),
    sa.UniqueConstraint("slack_channel", "slack_ts"),
)

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("key", Words, nullable=False, unique=True),
    sa.Column("inbound_id", sa.BigInteger, refers("inbound.id"), nullable=False),
    sa.Column("conversation_id", sa.BigInteger, nullable=False),
    sa.Column("deal_id", Words, nullable=False),
    sa.Column("author_id", Words, nullable=False),
    sa.Column("changes", JsonText, nullable=False),
    sa.Column("state", Words, nullable=False),
    sa.Column("results", JsonText, nullable=False),
    sa.Column("undo_of", sa.BigInteger, refers("changes.id")),
    sa.Column("first_written_at", Moment),  # the CRM may have it since then …
    sa.Column("last_written_at", Moment),  # … and got it until then
    sa.Index("ix_changes_inbound", "inbound_id"),
    sa.Index("ix_changes_deal", "deal_id", "last_written_at"),
    sa.Index("ix_changes_undo_of", "undo_of"),
    sqlite_autoincrement=True,
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("key", Words, nullable=False, unique=True),
    sa.Column("channel", Words, nullable=False),
    sa.Column("conversation_id", sa.BigInteger),
    sa.Column("to", Words, nullable=False),
    sa.Column("to_name", Words, nullable=False),
    sa.Column("person_id", Words),
    sa.Column("partner_id", Words),
    sa.Column("language", Words, nullable=False),
    sa.Column("event", Words, nullable=False),
    sa.Column("notice", JsonText, nullable=False),
    sa.Column("state", Words, nullable=False),
    sa.Column("inbound_id", sa.BigInteger, refers("inbound.id")),
    sa.Column("not_before", Moment),
    sa.Column("message_id", Words),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error", Words),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("sent_at", Moment),
    sa.Index("ix_messages_message_id", "message_id"),
    sa.Index("ix_messages_inbound", "inbound_id"),
    sa.Index("ix_messages_conversation", "conversation_id", "id"),
    sa.Index("ix_messages_state", "state"),
    sqlite_autoincrement=True,
)

registrations = sa.Table(
    "registrations",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("key", Words, nullable=False, unique=True),
    sa.Column("number", Words),  # made from the id, and so empty while the row is being inserted
    sa.Column("folded_number", Words, unique=True),
    sa.Column("kind", Words, nullable=False),
    sa.Column("state", Words, nullable=False),
    sa.Column("partner_id", Words, nullable=False),
    sa.Column("contact_id", Words, nullable=False),
    sa.Column("conversation_id", sa.BigInteger, nullable=False),
    sa.Column("inbound_id", sa.BigInteger, refers("inbound.id"), nullable=False),
    sa.Column("claimed_at", Moment, nullable=False),
    sa.Column("draft", JsonText, nullable=False),
    sa.Column("motion", Words),
    sa.Column("company_key", Words, nullable=False),
    sa.Column("domain", Words),
    sa.Column("findings", JsonText, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("due_at", Moment),
    sa.Column("decided_at", Moment),
    sa.Column("decided_by", Words),
    sa.Column("reason", Words),
    sa.Column("protected_until", sa.Date),
    sa.Column("deal_id", Words),
    sa.Column("shares_deal", Words),
    sa.Column("source", Words),
    sa.Column("share", Words),  # a decimal number, to the digit
    sa.Index("ix_registrations_company", "company_key"),
    sa.Index("ix_registrations_domain", "domain"),
    sa.Index("ix_registrations_partner", "partner_id", "claimed_at"),
    sa.Index("ix_registrations_state", "state", "claimed_at"),
    sqlite_autoincrement=True,
)

registration_history = sa.Table(
    "registration_history",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("registration_id", sa.BigInteger, refers("registrations.id", ondelete="CASCADE"), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("event", Words, nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Index("ix_registration_history_registration", "registration_id", "at"),
    sqlite_autoincrement=True,
)

slack_links = sa.Table(
    "slack_links",
    metadata,
    sa.Column("team_id", Words, primary_key=True),
    sa.Column("user_id", Words, primary_key=True),
    sa.Column("contact_id", Words, nullable=False),
    sa.Column("linked_at", Moment, nullable=False),
    sa.Index("ix_slack_links_contact", "contact_id"),
)

suppressions = sa.Table(
    "suppressions",
    metadata,
    sa.Column("address", Words, primary_key=True),
    sa.Column("reason", Words, nullable=False),
    sa.Column("suppressed_at", Moment, nullable=False),
)

seen_keys = sa.Table(
    "seen_keys",
    metadata,
    sa.Column("key", Words, primary_key=True),
    sa.Column("seen_at", Moment, nullable=False),
)

memories = sa.Table(
    "memories",
    metadata,
    sa.Column("key", Words, primary_key=True),
    sa.Column("value", JsonText, nullable=False),
    sa.Column("remembered_at", Moment, nullable=False),
)

phrases = sa.Table(
    "phrases",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("language", Words, nullable=False),
    sa.Column("kind", Words, nullable=False),
    sa.Column("words", Words, nullable=False),  # values and names masked: "{deal} is in the bag"
    sa.Column("outcome", Words, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("last_seen_at", Moment, nullable=False),
    sa.UniqueConstraint("language", "kind", "words", "outcome"),
    sqlite_autoincrement=True,
)

announcements = sa.Table(
    "announcements",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("slug", Words, nullable=False, unique=True),
    sa.Column("topic", Words, nullable=False),
    sa.Column("texts", JsonText, nullable=False),
    sa.Column("segment", Words, nullable=False),
    sa.Column("channels", JsonText, nullable=False),
    sa.Column("at", Moment),
    sa.Column("their_time", sa.Boolean, nullable=False),
    sa.Column("author", Words, nullable=False),
    sa.Column("state", Words, nullable=False),
    sa.Column("reason", Words),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("slack", Words),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("finished_at", Moment),
    sqlite_autoincrement=True,
)

recipients = sa.Table(
    "recipients",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("announcement_id", sa.BigInteger, refers("announcements.id", ondelete="CASCADE"), nullable=False),
    sa.Column("contact_id", Words, nullable=False),
    sa.Column("partner_id", Words, nullable=False),
    sa.Column("name", Words, nullable=False),
    sa.Column("channel", Words, nullable=False),
    sa.Column("to", Words, nullable=False),
    sa.Column("language", Words, nullable=False),
    sa.Column("state", Words, nullable=False),
    sa.Column("reason", Words),
    sa.Column("not_before", Moment),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("message_id", Words),
    sa.Column("sent_at", Moment),
    sa.UniqueConstraint("announcement_id", "contact_id"),
    sa.Index("ix_recipients_state", "announcement_id", "state", "id"),
    sa.Index("ix_recipients_contact", "contact_id"),
    sa.Index("ix_recipients_place", "announcement_id", "to"),
    sqlite_autoincrement=True,
)

engagements = sa.Table(
    "engagements",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("announcement_id", sa.BigInteger, refers("announcements.id", ondelete="CASCADE"), nullable=False),
    sa.Column("contact_id", Words, nullable=False),
    sa.Column("what", Words, nullable=False),
    sa.Column("key", Words, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("detail", Words, nullable=False),
    sa.UniqueConstraint("announcement_id", "contact_id", "what", "key"),
    sa.Index("ix_engagements_contact", "contact_id"),
    sqlite_autoincrement=True,
)

preferences = sa.Table(
    "preferences",
    metadata,
    sa.Column("contact_id", Words, primary_key=True),
    sa.Column("wishes", JsonText, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
)

# The state "behind" is a job that waits for an earlier one of its lane: polling never looks at it.
jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", Words, nullable=False),
    sa.Column("ref", Words, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("lane", Words),
    sa.Column("state", Words, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("worker", Words),
    sa.Column("starts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("bugs", sa.Integer, nullable=False, server_default="0"),
    sa.Column("crashes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("first_failed_at", Moment),
    sa.Column("dying", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("error", Words),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("finished_at", Moment),
    sa.UniqueConstraint("kind", "ref", "attempt"),
    sa.Index(
        "ix_jobs_due",
        "kind",
        "due_at",
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    ),
    sa.Index(
        "ix_jobs_lane",
        "lane",
        "id",
        sqlite_where=sa.text("state IN ('queued', 'running', 'behind')"),
        postgresql_where=sa.text("state IN ('queued', 'running', 'behind')"),
    ),
    sa.Index(
        "ix_jobs_worker",
        "worker",
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    ),
    sa.Index("ix_jobs_finished", "state", "finished_at"),
    sqlite_autoincrement=True,
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("host", Words, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("birth", Words, nullable=False),  # tells this process from a later one with the same pid
    sa.Column("beats", sa.BigInteger, nullable=False),
)

schedules = sa.Table(
    "schedules",
    metadata,
    sa.Column("name", Words, primary_key=True),
    sa.Column("last_at", Moment, nullable=False),
)

rates = sa.Table(
    "rates",
    metadata,
    sa.Column("bucket", Words, primary_key=True),
    sa.Column("free_at_s", sa.Double, nullable=False),  # seconds since 1970: when the next may pass
)
