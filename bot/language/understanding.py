"""From a case to its result: reads, guards, proposes, combines. The rules are in docs/explain.md; no I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.domain.actions import AnyAction, Ask, Certainty, Draft, Extend, Lost, Question, Status, Undo, Withdraw, Won
from bot.language import answers, parts, pending, protection, register, scoring
from bot.language.case import About, Case, Result
from bot.language.choose import meant
from bot.language.combine import Proposal, combined
from bot.language.completing import complete
from bot.language.detect import languages
from bot.language.doubts import is_light
from bot.language.frame import dropped
from bot.language.guards import moods, requests
from bot.language.intents import matches
from bot.language.mood import Mood
from bot.language.normalise import MAX_CHARS, clean
from bot.language.proposing import of_view, question_of
from bot.language.reading import Reading, read
from bot.language.schema import Vocabulary
from bot.language.scope import scopes
from bot.language.segments import Clause, cut
from bot.language.text import Text
from bot.language.view import View
from bot.language.vocabulary import default

_NEAR = 2
_MOST_CLAUSES = 200
"""Who writes more has not answered a question: the rest is not read, and nothing is applied."""
_NOT_OF_DEALS = frozenset({"survey", "qbr_invite", "onboarding_task", "approval_request"})
"""What these ask for is no field of a deal: a date in the answer is none either, unless a deal is named."""


def understand(case: Case, vocabularies: Sequence[Vocabulary] | None = None) -> Result:
    """What a reply proposes to do; the same case always gives the same result, and no text raises.

    Args:
        case: the words and what they answer.
        vocabularies: the languages to read; those that come with offportal when left out.
    """
    spoken = tuple(vocabularies) if vocabularies is not None else default()
    text = Text(clean(case.text, channel=case.channel))
    if not text.tokens:
        return Result(language=None)
    if len(case.text) > MAX_CHARS:
        case = replace(case, cut_is_certain=False)
    language, order = languages(text, case.speaker.locale, spoken, names=_names(case))
    reading = read(case, text, order)
    clauses = cut(reading, dropped(reading))
    if len(clauses) > _MOST_CLAUSES:
        reading = replace(reading, case=replace(case, cut_is_certain=False))
        clauses = [replace(clause, reading=reading) for clause in clauses[:_MOST_CLAUSES]]
    views = _views(reading, clauses)
    if not views:
        return Result(language=language)
    if is_injection(reading):
        return Result(language=language, actions=(answers.question(_body(reading, views)),))
    return Result(language=language, answered=_yes_or_no(case, views), actions=tuple(_actions(reading, views)))


def _names(case: Case) -> frozenset[str]:
    """The words of stage labels and deals, whatever language they are in."""
    labels = [label for labels in case.stages.values() for label in labels]
    names = [name for deal in case.deals for name in (deal.name, deal.company)]
    return frozenset(token.fold for name in (*labels, *names) for token in Text(name).tokens)


def _yes_or_no(case: Case, views: Sequence[View]) -> bool | None:
    """A plain answer to what was pending."""
    if case.about is None or not case.about.pending:
        return None
    return {"yes": True, "ok": True, "no": False}.get(answers.plain(views) or "")


def _views(reading: Reading, clauses: Sequence[Clause]) -> list[View]:
    how, where, wanted = moods(clauses), scopes(clauses, reading.case), requests(clauses)
    views: list[View] = []
    for place, clause in enumerate(clauses):
        views.append(
            View(
                clause=clause,
                mood=how[clause],
                scope=where[clause],
                intents=matches(clause),
                is_request=clause in wanted,
                following=_following(clauses, place),
            )
        )
    return views


def _following(clauses: Sequence[Clause], place: int) -> Clause | None:
    """The next clause, on this line or the next one, that holds a value which is not an old one."""
    for clause in clauses[place + 1 : place + 1 + _NEAR]:
        if clause.line > clauses[place].line + 1 or clause.has_trigger:
            return None
        if meant(clause, clause.dates) or clause.lengths or clause.numbers:
            return clause
    return None


def is_injection(reading: Reading) -> bool:
    """Whether the words instruct the software and not the people behind it (rule 16)."""
    tags = frozenset(tag for phrase in reading.phrases for tag in phrase.tags)
    pairs = ({"injection_order", "injection_rules"}, {"injection_verb", "injection_target"})
    return "injection" in tags or any(pair <= tags for pair in pairs)


def _body(reading: Reading, views: Sequence[View]) -> str:
    """All of the reply without its frame."""
    end = views[-1].clause.end
    raw = reading.text.raw
    while end < len(raw) and raw[end] in ".!?…)\"'":
        end += 1
    return raw[views[0].clause.start : end].strip()


def _actions(reading: Reading, views: list[View]) -> list[AnyAction]:
    about = reading.case.about
    plain = answers.plain(views)
    said = _said(reading, views, about)
    if about is not None and about.kind == "confirmation" and about.pending:
        in_part = parts.answer(about.pending, views)
        if in_part is not None:
            return in_part
        completed = complete(about.pending, said, views, _body(reading, views)) if plain is None else None
        answered = completed or pending.answer(about.pending, said, views, plain)
        if answered is not None:
            return answered
    if about is not None and about.kind == "receipt" and not said and answers.takes_back(views):
        return [Undo(certainty=Certainty.APPLY, because=_body(reading, views))]
    if about is not None and about.kind == "receipt" and not said and plain == "no":
        return [answers.question(_body(reading, views))]  # something of what was written is wrong
    if about is not None and about.kind == protection.ENDING:
        said = [*_extended(views, plain, said), *said]
    if said or plain is not None or _is_understood(views):
        return said
    return [answers.question(_body(reading, views))]


def _extended(views: list[View], plain: str | None, said: Sequence[AnyAction]) -> Iterator[AnyAction]:
    """A plain yes to "your protection ends" extends (rule 14), also when more is said behind it."""
    if any(isinstance(action, Extend | Withdraw | Won | Lost) for action in said):
        return
    first = answers.plain(views[:1])
    goes_on = [view for view in views[1:] if not is_light(view.clause)]
    tells = all(view.mood is Mood.STATED and not view.matched("lapse") for view in goes_on)
    answer = plain or ("yes" if first == "yes" and (said or tells) else None)
    for action in answers.extension(views, answer):
        told = plain is None and not said and action.certainty is Certainty.APPLY
        yield replace(action, certainty=Certainty.CONFIRM) if told else action  # "yes, we are still on it"


def _said(reading: Reading, views: list[View], about: About | None) -> list[AnyAction]:
    special = _special(reading, views, about)
    elsewhere = about is not None and about.kind in _NOT_OF_DEALS
    registering = _registration_views(views, about)
    proposals: list[Proposal] = []
    for place, view in enumerate(views):
        if place in registering:
            continue
        decides = special is not None and view.kind in {"approval_request", "onboarding_task"}
        if (special is not None or elsewhere) and not _stands_beside(view, outcomes=not decides):
            proposals.extend(Proposal(action, place) for action in question_of(view, views))
            continue
        found = list(of_view(view, views, place))
        proposals.extend(Proposal(action, place) for action in found or question_of(view, views))
    told = any(not isinstance(one.action, Status | Question) for one in proposals)
    if told:  # "Update on Acme: …" is a heading, not a wish
        proposals = [one for one in proposals if not (isinstance(one.action, Status) and _is_heading(views[one.place]))]
    actions = _without_told_why(_without_loose_undo(combined(proposals, views), about))
    if registering:
        draft = about.draft if about is not None else None
        one = register.propose([views[place] for place in sorted(registering)], reading, draft)
        if one.draft != (draft or Draft()) or about is None or about.kind != "registration_incomplete":
            actions.insert(0, one)
    return [special, *actions] if special is not None else actions


def _without_loose_undo(actions: list[AnyAction], about: About | None) -> list[AnyAction]:
    """Beside other news only who answers a receipt takes it back: "the rest stays as it was" undoes nothing."""
    answers_receipt = about is not None and about.kind == "receipt"
    others: list[AnyAction] = [action for action in actions if not isinstance(action, Undo)]
    told = any(not isinstance(action, Question) for action in others)
    return others if told and not answers_receipt else actions


def _without_told_why(actions: list[AnyAction]) -> list[AnyAction]:
    """Who gives a registration back and says that the project is off only tells why."""
    back = {action.deal for action in actions if isinstance(action, Withdraw)}
    return [one for one in actions if not (isinstance(one, Lost) and one.ask is Ask.REASON and one.deal in back)]


def _is_heading(view: View) -> bool:
    return view.mood is not Mood.ASKED and not view.is_request


def _stands_beside(view: View, *, outcomes: bool) -> bool:
    """Whether a clause says something of its own beside an answer: it names a deal, or wishes for something; or, where
    `outcomes` count, tells of a deal won or lost."""
    own = {"stop", "start", "status", "asset", "undo"} | ({"won", "lost"} if outcomes else set())
    return view.scope.named or bool(view.intents.keys() & own)


def _special(reading: Reading, views: list[View], about: About | None) -> AnyAction | None:
    """The answer to what was asked, where the kind of question has an answer of its own."""
    if about is None:
        return None
    plain = answers.plain(views)
    if about.kind == "survey" and about.survey:
        return _scored(views, about.survey, plain)
    if about.kind == "qbr_invite":
        return answers.rsvp(views, plain)
    if about.kind == "onboarding_task" and about.task:
        return answers.complete(views, about.task, plain)
    if about.kind == "approval_request" and reading.case.speaker.role == "manager":
        return answers.decision(views, about.registration, plain)
    return None


def _scored(views: list[View], survey: str, plain: str | None) -> AnyAction | None:
    wishes_only = any(view.intents.keys() & {"stop", "start", "asset", "undo", "status"} for view in views)
    asks = any(view.mood is Mood.ASKED for view in views)
    asked = asks and all(view.mood is Mood.ASKED or is_light(view.clause) for view in views)
    numbers = any(view.clause.numbers or view.clause.lengths for view in views)
    if plain == "thanks" or (wishes_only and not numbers) or asked:
        return None
    return scoring.score(views, survey)


def _registration_views(views: list[View], about: About | None) -> set[int]:
    """The clauses that belong to a registration: all but questions, those that name a known deal, and those that give
    back the one that is being completed."""
    completes = about is not None and about.kind == "registration_incomplete"
    starts = any(
        view.matched("register")
        and not view.matched("start")
        and view.mood is not Mood.DENIED
        and (view.mood is not Mood.ASKED or view.is_request)
        for view in views
        if not view.matched("withdraw", "extend", "lapse")  # "give back the deal registration for Acme"
    )
    starts = starts or register.is_form(views, views[0].clause.reading)
    if not starts and not completes:
        return set()
    return {
        place
        for place, view in enumerate(views)
        if not (view.scope.named and view.scope.deals)
        and (view.mood is not Mood.ASKED or view.is_request)
        and not (completes and view.matched("withdraw"))
    }


def _is_understood(views: Sequence[View]) -> bool:
    """Whether a reply without an action is understood all the same: something is denied or nothing is new, and
    the rest only tells why; or it says nothing at all."""
    settles = [view for view in views if _settles(view)]
    if settles:
        return not any(view.is_request or view.mood is Mood.ASKED for view in views if view not in settles)
    if any(view.clause.deals and view.clause.has("is") for view in views):
        return False  # something is said of a deal, in words that nothing explains
    return all(is_light(view.clause) or view.clause.has("closer") for view in views)


def _settles(view: View) -> bool:
    clause = view.clause
    if clause.has("nothing_new", "retract") or view.matched("lapse"):
        return True
    if view.mood is not Mood.DENIED or len(clause.unknown) > _NEAR:
        return False
    return bool(view.intents) or clause.has_slot or clause.has("c:signing")
