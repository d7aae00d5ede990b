"""Somebody asks for the rules of registration: they are told what the programme has configured. Changes nothing."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.domain.notices import ProgrammeRules
from bot.domain.partners import Motion
from bot.domain.terms import Terms
from handlers.helping import tell_once
from handlers.services import Services
from handlers.understanding import Said

_PHRASES = frozenset(
    {
        *("rules", "the rules", "what are the rules", "what are your rules", "show me the rules"),
        *("regeln", "die regeln", "spielregeln", "was sind die regeln", "wie sind die regeln", "welche regeln gelten"),
        *("regles", "règles", "les règles", "les regles", "quelles sont les règles", "quelles sont les regles"),
        *("regels", "de regels", "wat zijn de regels", "welke regels gelden er"),
        *("reglas", "las reglas", "cuáles son las reglas", "cuales son las reglas"),
        *("regole", "le regole", "quali sono le regole"),
        *("regras", "as regras", "quais são as regras", "quais sao as regras"),
    }
)


def asks_for_rules(text: str) -> bool:
    """Whether the words are nothing but the question for the rules, in any language we speak."""
    return re.sub(r"[\s?!.¿¡/]+", " ", text).strip().casefold() in _PHRASES


def rules_of(terms: Terms, motions: Collection[Motion]) -> ProgrammeRules:
    """The terms as a partner reads them, of the motions that run."""
    usual = terms.decision_hours
    hours = {motion: terms.hours_to_decide(motion) for motion in Motion if motion in motions}
    return ProgrammeRules(
        protection_days=terms.protection_days,
        warning_days=terms.warning_days,
        extension_days=terms.extension_days,
        extensions=terms.extensions,
        decision_hours=usual,
        hours_by_motion=tuple((motion.value, promised) for motion, promised in hours.items() if promised != usual),
        business_hours=terms.office_hours is not None,
        conflict=terms.conflict.value,
        overlap=terms.overlap.value,
        required=terms.required,
        minimum_amount=terms.minimum_amount,
        currency=terms.currency,
        certified_motions=tuple(motion.value for motion in terms.certifications if motion in motions),
        objections_to=terms.objections_to,
    )


async def on_rules(services: Services, said: Said) -> None:
    """Answer with the rules. Idempotent by the message's disposition."""
    await tell_once(services, said, rules_of(services.policies.terms, services.policies.motions), "rules")
