"""What needs a person reaches the partner manager: changes to approve, words that are no change. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain.deals import Deal
from bot.domain.decide import DealDecision, Decision
from bot.domain.notices import ApprovalRequest, ChangeResult
from bot.domain.partners import Manager
from bot.domain.policy import view
from bot.ports import ChangeState, Unit
from handlers.services import Services
from handlers.speak import tell_manager
from handlers.undecided import Claims, in_their_words, pass_on
from handlers.understanding import Said


async def ask_to_approve(
    unit: Unit,
    services: Services,
    said: Said,
    decision: Decision,
    change_ids: Mapping[str, tuple[int, ChangeState]],
    manager: Manager | None,
) -> None:
    """Each deal's changes that wait for the manager, by the ids of `change_ids` ('<deal>:<state>')."""
    for d in decision.deals:
        if d.manager:
            change_id, _ = change_ids[f"{d.deal.id}:{ChangeState.PROPOSED}"]
            await _ask(unit, services, said, d, change_id, manager)


async def _ask(
    unit: Unit, services: Services, said: Said, decision: DealDecision, change_id: int, manager: Manager | None
) -> None:
    partner, reference = said.person.partner, f"CHG-{change_id}"
    deal = view(decision.deal, services.policies, for_manager=True)
    await tell_manager(
        unit,
        services,
        key=f"approval:{change_id}",
        notice=ApprovalRequest(
            partner=partner.name if partner else "",
            contact=said.person.name,
            reference=reference,
            result=ChangeResult(deal=deal, awaiting_manager=decision.manager),
            text=said.text,
            missing=decision.lacks,
        ),
        manager=manager,
        about={"kind": "approval_request", "registration": reference, "change": change_id},
        partner_id=partner.id if partner else None,
        deal_id=decision.deal.id,
    )


async def pass_words_on(
    unit: Unit,
    services: Services,
    said: Said,
    decision: Decision,
    deals: Sequence[Deal],
    claims: Claims,
    manager: Manager | None,
) -> None:
    """Words that only a person can answer, with the deals they are about; those on a claim go to who decides it."""
    if not decision.routed:
        return
    if (claim := claims.told_of(decision)) is not None:
        await pass_on(unit, services, said, claim, claims)
        return
    partner, stuck = said.person.partner, decision.motionless
    about = stuck or [d for d in deals if d.id == said.conversation.deal_id]
    await tell_manager(
        unit,
        services,
        key=f"routed:{said.inbound.id}",
        notice=replace(
            in_their_words(said, "no_motion" if stuck else "question"),
            deals=tuple(view(d, services.policies, for_manager=True) for d in about),
        ),
        manager=manager,
        about={"kind": "for_manager"},
        partner_id=partner.id if partner else None,
    )
