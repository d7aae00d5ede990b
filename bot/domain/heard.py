"""The actions of one message, sorted by what they are about: a deal, a claim without a deal yet, the partner, a person.

Pure. Refuses to decide: what happens to a deal is decide.py's business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.actions import (
    AnyAction,
    Ask,
    Certainty,
    Extend,
    Lost,
    Question,
    Register,
    Set,
    Start,
    Status,
    Stop,
    Undo,
    Withdraw,
    Won,
)
from bot.domain.deals import Deal

DealAction = Set | Won | Lost | Extend | Withdraw


@dataclass(slots=True)
class Heard:
    """`deals` by id and `claims` (numbers) are all that the words can be about; what else they name is unknown."""

    deals: Mapping[str, Deal]
    claims: Sequence[str] = ()
    asked: list[AnyAction] = field(default_factory=list)
    routed: list[str] = field(default_factory=list)
    registers: list[Register] = field(default_factory=list)
    given_back: list[str] = field(default_factory=list)
    claims_asked: list[str] = field(default_factory=list)
    claims_told: list[str] = field(default_factory=list)
    wishes: list[Stop | Start] = field(default_factory=list)
    status: list[Deal] = field(default_factory=list)
    status_asked: bool = False
    undo: bool = False
    per_deal: dict[str, list[DealAction]] = field(default_factory=dict)
    motionless: dict[str, Deal] = field(default_factory=dict)

    def hear(self, action: AnyAction) -> None:
        match action:
            case Undo():
                self.undo = True
            case Status():
                self._status(action)
            case Register():
                self.registers.append(action)
            case _ if action.certainty is Certainty.ASK:
                self.asked.append(action)
            case Stop() | Start():
                self.wishes.append(action)
            case Withdraw(deal=str(number), certainty=Certainty.APPLY) if number in self.claims:
                self.given_back.append(number)
            case Set() | Won() | Lost() | Extend() | Withdraw() if action.deal is not None:
                self._about_a_deal(action, action.deal)
            case Question(text=text):
                self.routed.append(text)
            case _:
                self.routed.append(action.because)  # understood, but nothing that is done without a person yet

    def without_motion(self, action: AnyAction) -> None:
        """The action would move a known deal that has no stages to move through: its words are for a person."""
        deal = self.deals[str(getattr(action, "deal", None))]
        self.motionless[deal.id] = deal
        self.routed.append(action.because)

    def _about_a_deal(self, action: DealAction, deal_id: str) -> None:
        if deal_id in self.deals:
            self.per_deal.setdefault(deal_id, []).append(action)
        elif deal_id in self.claims:
            self.claims_told.append(deal_id)  # whoever decides it hears of it
            self.routed.append(action.because)
        else:
            self._unknown(action)

    def _status(self, action: Status) -> None:
        deals = [d for d in self.deals.values() if action.deal in {None, d.id}]
        claims = [number for number in self.claims if action.deal in {None, number}]
        if action.deal is not None and not deals and not claims:
            self._unknown(action)
            return
        self.status += deals
        self.claims_asked += claims
        self.status_asked = self.status_asked or bool(deals) or not claims

    def _unknown(self, action: DealAction | Status) -> None:
        self.asked.append(replace(action, certainty=Certainty.ASK, ask=Ask.DEAL_UNKNOWN))
