"""When our own understanding ends in a question, somebody else may propose; what they propose is asked for a yes.

Writes nothing and never fails a reply: an error, a time-out or a useless proposal leaves the question.
"""

from __future__ import annotations

import asyncio

import structlog

from bot.domain.actions import AnyAction, Question
from bot.language.case import Case
from bot.language.rederiving import Dropped, rederived
from bot.ports import Proposed, Unclear
from handlers.services import Services

log = structlog.get_logger()
MOST = 10
"""Who proposes more than a reply can mean is not read to the end."""


async def with_proposals(services: Services, case: Case, actions: tuple[AnyAction, ...]) -> tuple[AnyAction, ...]:
    """The actions, and behind a plain question what a proposer makes of the words. The question stays: a person
    still reads it."""
    proposer = services.proposer
    if proposer is None or not actions or not all(isinstance(one, Question) for one in actions):
        return actions
    about = case.about.deal if case.about is not None else None
    unclear = Unclear(text=case.text, deals=tuple(case.deals), stages=case.stages, about=about)
    try:
        async with asyncio.timeout(services.proposer_timeout.total_seconds()):
            proposed = tuple(await proposer.propose(unclear))[:MOST]
        found = [_followed(case, one) for one in proposed]
    except Exception as exc:  # noqa: BLE001 - whatever it does, the partner's reply is handled
        log.warning("proposal.failed", case=case.id, error=type(exc).__name__)
        return actions
    return (*actions, *(one for one in dict.fromkeys(found) if one is not None))


def _followed(case: Case, proposed: Proposed) -> AnyAction | None:
    action = rederived(case, do=proposed.do, span=proposed.span, deal=proposed.deal, field=proposed.field)
    if isinstance(action, Dropped):
        log.info("proposal.dropped", case=case.id, do=proposed.do, why=action.value)
        return None
    return action
