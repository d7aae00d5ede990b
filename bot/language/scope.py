"""Which deal a clause speaks of: rule 5 of the contract. A name that is not among the deals is never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.actions import Ask
from bot.language.case import Case, CaseDeal
from bot.language.deals import DealFound
from bot.language.intents import matches
from bot.language.segments import Clause
from bot.language.text import Shape

_NOUN_ENDINGS = (
    "ung",
    "ungen",
    "heit",
    "keit",
    "schaft",
    "tion",
    "tionen",
    "ment",
    "tag",
    "ende",
    "zeit",
    "en",
    "er",
)
_SAYS_WHO = frozenset({"c:rival", "name", "c:contact"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The deals a clause speaks of, or what must be asked because there is none (`ask`)."""

    deals: tuple[CaseDeal, ...] = ()
    ask: Ask | None = None
    named: bool = False

    @property
    def one(self) -> CaseDeal | None:
        """The deal, when it is exactly one."""
        return self.deals[0] if len(self.deals) == 1 else None


def scopes(clauses: Iterable[Clause], case: Case) -> dict[Clause, Scope]:
    """The scope of every clause: named in it, else last named in the reply, else asked about, else the only one."""
    deals = {deal.id: deal for deal in case.deals}
    before = _before(case, deals)
    found: dict[Clause, Scope] = {}
    listed = list(clauses)
    for place, clause in enumerate(listed):
        scope = _named(clause, case, deals)
        if scope is None and before.ask is Ask.WHICH_DEAL:
            scope = _named_behind(clause, listed[place + 1 :], case, deals)
        if scope is not None and (scope.ask is not Ask.DEAL_UNKNOWN or clause.has_trigger or clause.has_slot):
            before = scope
        found[clause] = scope or before
    return found


def _named_behind(
    clause: Clause, following: Sequence[Clause], case: Case, deals: Mapping[str, CaseDeal]
) -> Scope | None:
    """The deal that is only named behind the comma: "amount 150k, Acme"."""
    for other in following:
        if other.sentence != clause.sentence:
            break
        alone = not (other.has_slot or other.has_trigger or other.unknown or other.asked)
        if other.deals:
            if not alone:
                break
            return _named(other, case, deals)
    return None


def _before(case: Case, deals: Mapping[str, CaseDeal]) -> Scope:
    about = deals.get(case.about.deal) if case.about and case.about.deal else None
    if about is not None:
        return Scope(deals=(about,))
    out_of_sight = case.about is not None and case.about.deal is not None  # no other deal stands in for it
    waiting = {getattr(action, "deal", None) for action in (case.about.pending if case.about else ())}
    if len(waiting) == 1 and (shown := deals.get(waiting.pop() or "")) is not None:
        return Scope(deals=(shown,))  # what waits for a yes is of one deal
    if len(deals) == 1 and not out_of_sight:
        return Scope(deals=tuple(deals.values()))
    return Scope(ask=Ask.WHICH_DEAL)


def _named(clause: Clause, case: Case, deals: Mapping[str, CaseDeal]) -> Scope | None:
    ids: list[str] = []
    for found in clause.deals:
        if not found.ids or (_is_one_word(found) and _goes_on(clause, found)):
            return Scope(ask=Ask.DEAL_UNKNOWN, named=True)
        one = _choose(found.ids, case)
        if one is None:
            return Scope(ask=Ask.WHICH_DEAL, named=True)
        ids.append(one)
    if ids:
        return Scope(deals=tuple(deals[one] for one in dict.fromkeys(ids)), named=True)
    everything = clause.has("c:all_deals") or (_means_both(clause) and len(deals) == 2)  # noqa: PLR2004
    if everything and deals:
        return Scope(deals=tuple(deals.values()), named=True)
    if unknown_name(clause):
        return Scope(ask=Ask.DEAL_UNKNOWN, named=True)
    return None


def _means_both(clause: Clause) -> bool:
    """Whether "both" stands for deals: "extend both", not "both directors", "both parties" or "one of the two"."""
    if clause.has("c:some"):
        return False
    for phrase in clause.places("c:both"):
        noun = phrase.last
        while "determiner" in _tags(clause, noun):
            noun += 1
        persons = (phrase.tags | _tags(clause, noun) | _word_tags(clause, noun)) & {"c:them", "c:part"}
        if not persons and noun not in clause.unknown:
            return True
    return False


def _choose(ids: tuple[str, ...], case: Case) -> str | None:
    if len(ids) == 1:
        return ids[0]
    return case.about.deal if case.about and case.about.deal in ids else None


def _is_one_word(found: DealFound) -> bool:
    return found.last - found.first == 1


def _goes_on(clause: Clause, found: DealFound) -> bool:
    """Whether a one-word name is followed by another, unknown name: "Therme Wien" is not Therme Kamptal, "Acme Biotech"
    not Acme. A German noun behind a whole name says nothing."""
    if found.whole and clause.reading.language == "de":
        return False
    tokens, last = clause.reading.text.tokens, found.last
    if last >= clause.last or not tokens[last].capital:
        return False
    joins = "preposition" in _tags(clause, last) and last + 1 in clause.unknown and tokens[last + 1].capital
    return last in clause.unknown or joins  # "Molinos Entre Ríos" is not Molinos Paraná


def unknown_name(clause: Clause) -> bool:
    """Whether a clause names something that must be a deal or company and is none of the speaker's."""
    chosen = matches(clause).keys() & {"lost", "chose_rival"}
    reasons = [phrase.first for phrase in clause.places("c:because", "c:rival", *(["c:rival_to"] if chosen else []))]
    if any(_is_called_deal(clause, phrase.first, phrase.last) for phrase in clause.places("name")):
        return True  # "le dossier Martin"
    return any(_is_name(clause, place) for place in clause.unknown[:6] if not any(place > at for at in reasons))


def _is_name(clause: Clause, place: int) -> bool:
    tokens = clause.reading.text.tokens
    token = tokens[place]
    before = _tags(clause, place - 1)
    follows_name = place - 1 in clause.unknown
    if token.shape is not Shape.WORD or len(token.fold) < 3 or before & _SAYS_WHO or follows_name:  # noqa: PLR2004
        return False
    first = place == clause.first or all(
        tokens[at].shape is Shape.SIGN
        or _tags(clause, at) & {"and", "but", "ok", "yes", "thanks", "c:deal", "correction"}
        for at in range(clause.first, place)
    )
    end = place
    while end in clause.unknown:
        end += 1
    whole = _end_of_name(clause, place)
    if first and whole - place > 1 and whole < clause.last and token.capital:
        matched = matches(clause)
        told = [at for name in ("won", "lost") if name in matched for at in matched[name].places]
        if any(at >= whole for at in told):
            return True  # "Molinos Entre Ríos lo ganamos"
    if first and token.capital and whole > end:
        end = whole  # "Estancia La Paloma ahora vale …"
    after = _tags(clause, end) | _word_tags(clause, end)
    if token.capital and _is_called_deal(clause, place, end):
        return True
    if "about_deal" in before and not clause.has("c:document"):
        return token.capital and (clause.reading.language != "de" or not token.fold.endswith(_NOUN_ENDINGS))
    if "determiner" in before and whole - place > 1 and token.capital and clause.reading.language != "de":
        return _stands_for_subject(after)  # "vi segnalo che la Fonderia Valdelsa vale …"
    if first:
        label = end < clause.last and tokens[end].fold in {":", "="}
        return label or (_stands_for_subject(after) and (token.capital or clause.reading.case.channel == "slack"))
    capital_means_name = clause.reading.language != "de" or (place + 1 in clause.unknown and tokens[place + 1].capital)
    outcome = any(":won:" in tag or ":lost:" in tag for tag in before)
    return token.capital and outcome and capital_means_name


def _end_of_name(clause: Clause, place: int) -> int:
    """Where capitalised words in a row end, little words between them included."""
    tokens = clause.reading.text.tokens
    end = place
    while end < clause.last and not clause.reading.taken[end] and tokens[end].shape is Shape.WORD:
        if not (end in clause.unknown and tokens[end].capital):
            little = "preposition" in _tags(clause, end) or "determiner" in _tags(clause, end)
            joins = little and end + 1 in clause.unknown and tokens[end + 1].capital
            if not joins or end == place:
                break
        end += 1
    return end


def _is_called_deal(clause: Clause, first: int, end: int) -> bool:
    """Whether a noun for a deal stands beside a name: "the Smith deal", "le dossier Smith", "Projekt Meier"."""
    behind = _tags(clause, end)
    if "c:deal" in behind and "determiner" not in behind and "determiner" in _tags(clause, first - 1):
        return clause.reading.language != "de"  # there a noun, and not a name, stands so
    tokens = clause.reading.text.tokens
    before = _tags(clause, first - 1)
    noun = "c:deal" in before and "determiner" not in before and len(tokens[first - 1].fold) > 3  # noqa: PLR2004
    return noun and clause.reading.language not in {"en", "nl"}


def _tags(clause: Clause, place: int) -> frozenset[str]:
    if not clause.first <= place < clause.last:
        return frozenset()
    phrase = clause.reading.phrase_at[place]
    return phrase.tags if phrase is not None else frozenset()


def _word_tags(clause: Clause, place: int) -> frozenset[str]:
    """What a word is by itself, whatever phrase it stands in ("is" of "is up to")."""
    if not clause.first <= place < clause.last:
        return frozenset()
    return clause.reading.vocabularies[0].lexicon.tags_of(clause.reading.text.tokens[place].lower)


def _stands_for_subject(after: frozenset[str]) -> bool:
    """Whether what follows a name says something of it: "is", "now", a verb of moving, a result."""
    return bool(after & {"is", "c:now", "c:move"}) or any(":won:" in tag or ":lost:" in tag for tag in after)
