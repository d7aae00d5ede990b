"""Every notice renders in every language and in all three shapes, and says what it holds without being broken by it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import LANGUAGES
from bot.domain.actions import Ask
from bot.domain.deals import DealField, FieldChange
from bot.domain.motions import REQUIRABLE
from bot.domain.notices import (
    EVENTS,
    Announced,
    AnnouncementStatus,
    Answer,
    ApprovalClosed,
    ApprovalRequest,
    Asked,
    ChangeResult,
    DealChanged,
    DealList,
    DealView,
    ForManager,
    GateSkipped,
    Held,
    Help,
    LinkCode,
    Linked,
    Notice,
    NotVerified,
    Proposed,
    RegisterForm,
    StageWaiting,
    Trouble,
)
from bot.examples import CHANGES as EXAMPLE_CHANGES
from bot.examples import DEAL as EXAMPLE
from bot.render import TemplateRenderer
from tests.unit.render.registrations import registration_notices

REPLY_TO = "partners+abc@meridian.example"
DEAL = dataclasses.replace(EXAMPLE, url="https://app.hubspot.test/1")
CHANGES = (
    *EXAMPLE_CHANGES,
    FieldChange(field=DealField.AMOUNT, old=None, new=Decimal("60000.50")),
    FieldChange(field=DealField.NEXT_STEP, old=None, new="Demo mit dem CTO"),
)
REASONS = ("not_allowed", "crm_refused: too late", "past_date", "unknown_stage", "conflict", "gone", "not_approved")
RESULT = ChangeResult(
    deal=DEAL,
    applied=CHANGES,
    unchanged=CHANGES[:1],
    refused=tuple((CHANGES[0], r) for r in REASONS),
    awaiting_manager=CHANGES[:1],
    unverified=CHANGES[:1],
)


def notices() -> Iterator[Notice]:
    """At least one notice for each way through each template."""
    for outcome in ("open", "won", "lost"):
        yield DealChanged(deal=DEAL, changes=CHANGES, outcome=outcome)
    yield Answer(results=(RESULT,), can_undo=True, reference="7", manager="Priya Nair", passed_on=("Who signs?",))
    yield Answer(undone=(RESULT,))
    yield Answer(proposed=(Proposed(deal=DEAL, changes=CHANGES), Proposed(deal=DEAL, changes=CHANGES, conflict=True)))
    for ask in Ask:
        yield Answer(asked=(Asked(what=ask, because="the deal", deal=DEAL, deals=(DEAL,), stages=("One", "Two")),))
        yield Answer(asked=(Asked(what=ask),))
    own, ours = ("Scoped", "The scope is *signed*."), ("Transact", "The reseller closes and delivers.")
    yield Answer(held=(Held(deal=DEAL, stage="Transact", missing=REQUIRABLE, criteria=(own, ours)),))
    yield Answer(held=(Held(deal=DEAL, stage="Transact", missing=REQUIRABLE),))
    yield GateSkipped(deal=DEAL, partner="P", old="One", new="Two", missing=REQUIRABLE, criteria=(("One", "Done."),))
    yield GateSkipped(deal=dataclasses.replace(DEAL, url=None), partner="P", old="One", new="Two", missing=("source",))
    yield ApprovalRequest(partner="P", contact="C", reference="CHG-1", result=RESULT, text="Hi", missing=REQUIRABLE)
    for dropped in (False, True):
        yield StageWaiting(deal=DEAL, stage="Transact", missing=REQUIRABLE, dropped=dropped, drops_on=DEAL.close_date)
        yield StageWaiting(deal=DEAL, stage="Transact", dropped=dropped)
    yield Answer(status_asked=True, status=(DEAL,))
    yield Answer(status_asked=True)
    yield Answer(empty=True)
    yield Answer(dropped=True)
    yield Answer(refused=("nothing_to_undo", "not_supported"))
    for decision in ("approved", "rejected"):
        yield Answer(approval=decision, approval_reason="too early", results=(RESULT,))
        yield Answer(approval=decision)
    yield ForManager(
        partner="P", contact="C", contact_email="c@p.test", channel="email", text="Hi\n\nthere", deals=(DEAL,)
    )
    for reason in ("failed_twice", "no_motion"):
        yield ForManager(
            partner="P", contact="C", contact_email="c@p.test", channel="slack", text="Hi", reason=reason, deals=(DEAL,)
        )
    yield ApprovalRequest(partner="P", contact="C", reference="CHG-1", result=RESULT, text="mehr Geld")
    for decision in ("approved", "rejected", "already_approved", "already_rejected", "not_understood"):
        yield ApprovalClosed(reference="CHG-1", decision=decision, result=RESULT if decision == "approved" else None)
    for reason in (
        "unauthenticated",
        "wrong_sender",
        "unknown_sender",
        "ambiguous_sender",
        "partner_ended",
        "too_large",
        "other",
    ):
        yield NotVerified(reason=reason, subject="Re: Acme")
    yield NotVerified(reason="unauthenticated")
    yield LinkCode(code="123456", minutes=15, slack_name="julia")
    for state in ("linked", "unknown_person", "code_sent", "wrong_code", "not_here"):
        yield Linked(state=state, contact="Julia", email="julia@p.test")
    yield DealList(partner="P", deals=(DEAL,))
    yield DealList(partner="P", deals=())
    yield Help(partner="P")
    yield Help(commands=False)
    yield RegisterForm()
    for what in ("quarantined", "bounced", "crm_refused", "unverified", "send_failed"):
        yield Trouble(what=what, reference="inbox 7", detail="5.1.1", contact="j@p.test", text="hello")
    yield from announcement_notices()
    yield from registration_notices()


def announcement_notices() -> Iterator[Notice]:
    for required in (True, False):
        yield Announced(subject="Q1 <5 %>", body="# Q1\n\nHello {name}", name="Julia", required=required)
    for what in ("sent", "paused", "nobody"):
        yield AnnouncementStatus(slug="q1", what=what, sent=3, digest=1, detail="550 spam")
        yield AnnouncementStatus(slug="q1", what=what)


NOTICES = list(notices())


@pytest.fixture(scope="module")
def renderer() -> TemplateRenderer:
    return TemplateRenderer(LANGUAGES, programme="Meridian Partner Desk")


class _Balance(HTMLParser):
    """Fails on a tag that is closed out of order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser's signature
        if tag not in {"meta", "br", "img", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_there_is_a_notice_of_every_event_to_render():
    assert {type(n) for n in NOTICES} == set(EVENTS.values())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", NOTICES, ids=lambda n: type(n).__name__)
def test_every_notice_renders_in_every_language(renderer, notice, language):
    mail = renderer.email(notice, language, reply_to=REPLY_TO)
    assert mail.subject.strip() == mail.subject != ""
    assert "\n" not in mail.subject
    assert mail.text.startswith("##- ")
    for shape in (mail.text, mail.subject):
        assert not re.search(r"\{\{|\{%|None|Decimal|\\[!-/]|\*\*", shape), shape
    balance = _Balance()
    balance.feed(mail.html)
    assert balance.open == []
    slack = renderer.slack(notice, language)
    assert slack.blocks
    assert all(len(b["text"]["text"]) <= 3000 for b in slack.blocks if b["type"] == "section")


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_html_and_slack_say_the_same_words(renderer, language):
    notice = DealChanged(deal=DEAL, changes=CHANGES)
    mail = renderer.email(notice, language, reply_to=REPLY_TO)
    slack = str(renderer.slack(notice, language).blocks)
    for word in ("Acme rollout", "2027", "Demo mit dem CTO"):
        assert word in mail.text
        assert word in mail.html
        assert word in slack


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_offers_its_undo_in_each_shape(renderer, language):
    notice = Answer(results=(ChangeResult(deal=DEAL, applied=CHANGES),), can_undo=True, reference="7")
    mail = renderer.email(notice, language, reply_to=REPLY_TO)
    assert f"mailto:{REPLY_TO}?subject=" in mail.html
    assert "→ " in mail.text
    buttons = [e for b in renderer.slack(notice, language).blocks if b["type"] == "actions" for e in b["elements"]]
    assert [(b["action_id"], b["value"]) for b in buttons] == [("undo", "7")]


@settings(max_examples=60)
@given(
    text=st.text(st.characters(exclude_categories=["Cs", "Cf"]), min_size=1, max_size=80).filter(lambda t: t.split())
)
def test_whatever_a_partner_or_the_crm_holds_is_shown_literally(renderer, text):
    deal = DealView(id="1", name=text, company="C", stage="S")
    mail = renderer.email(DealList(partner="P", deals=(deal,)), "en", reply_to=REPLY_TO)
    shown = " ".join(text.split()).replace("\0", "\N{REPLACEMENT CHARACTER}")  # CommonMark 2.3
    assert shown in mail.text
    assert "<script" not in mail.html.lower().replace("&lt;script", "")
    slack = renderer.slack(DealList(partner="P", deals=(deal,)), "en")
    assert not re.search(r"<!(channel|here|everyone)|<@", str(slack.blocks))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_deals_name_calls_nobody_from_slacks_notification(renderer, language):
    deal = dataclasses.replace(DEAL, name="Acme <!channel> & <@U1>")
    notice = DealChanged(deal=deal, changes=CHANGES)
    assert "Acme &lt;!channel&gt; &amp; &lt;@U1&gt;" in renderer.slack(notice, language).text


def test_an_announcements_markdown_is_shown_and_its_readers_name_is_not_read(renderer):
    body = "Hello {name}, see [the terms](https://m.example/q1)\n\n    {name}\n\n```\nx = 1\n```\n\n<b>no</b>"
    notice = Announced(subject="Q1", body=body, name="[J](https://x.example)")
    mail = renderer.email(notice, "en", reply_to=REPLY_TO)
    slack = str(renderer.slack(notice, "en").blocks)
    assert "Hello [J](https://x.example), see the terms (https://m.example/q1)" in mail.text
    assert 'href="https://m.example/q1"' in mail.html
    assert "<https://m.example/q1|the terms>" in slack
    for shape in (mail.text, mail.html, slack):
        assert "x = 1" in shape
        assert "<https://x.example" not in shape
    assert 'href="https://x.example"' not in mail.html
    assert "<b>" not in mail.html
