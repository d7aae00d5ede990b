"""How a clause is meant: stated, doubted, conditional, denied, aside or asked. Never takes a doubt away again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from bot.language.amounts import Kind
from bot.language.doubts import LIGHT, doubt_behind, is_bare_denial, is_light, says_doubt_alone, taken_back
from bot.language.intents import matches
from bot.language.lexicon import Phrase
from bot.language.mood import Mood
from bot.language.segments import Clause

_YEAR = 12  # months
_FIRST_YEAR = 1990
_HALF_A_YEAR = 180  # days; what was signed before is no news
_WISHED = frozenset({"register", "extend", "withdraw", "stop", "start", "undo"})


def moods(clauses: Sequence[Clause]) -> dict[Clause, Mood]:
    """The mood of every clause.

    A question mark counts for its sentence from the first asking clause on. A condition also holds for the clauses
    beside it; a doubt that stands alone ("I think", "hopefully") for those beside it too; a bare value takes the mood
    of the clause before it. What says that it was all wrong ("my mistake", "don't quote me") holds for all before it.
    """
    found: dict[Clause, Mood] = {}
    for _, group in groupby(clauses, key=lambda clause: clause.sentence):
        sentence = list(group)
        own = [_own(clause) for clause in sentence]
        _subordinate(sentence, own)
        _spread(sentence, own)
        _spread_years(sentence, own)
        asking = asked_from(sentence)
        for place, clause in enumerate(sentence):
            found[clause] = Mood.ASKED if asking is not None and place >= asking else own[place]
    doubt_behind(clauses, found)
    found.update((clause, Mood.DOUBTED) for clause in taken_back(clauses) if found[clause] is Mood.STATED)
    return found


def is_request(clause: Clause) -> bool:
    """Whether something is asked for politely ("could you", "please")."""
    return clause.has("request", "please")


def requests(clauses: Sequence[Clause]) -> set[Clause]:
    """The clauses that ask for something to be done: "could you move it and raise the value?" are two of them."""
    found: set[Clause] = set()
    for _, group in groupby(clauses, key=lambda clause: clause.sentence):
        going = False
        for clause in group:
            going = (going or is_request(clause)) and not (_asks(clause) and not is_request(clause))
            going = going and not _asks_what(clause)
            if going:
                found.add(clause)
    return found


def _subordinate(sentence: Sequence[Clause], own: list[Mood]) -> None:
    """A clause that begins with "that" is as sure as the one before it: "es stimmt nicht, dass …"."""
    for place in range(1, len(sentence)):
        clause, before = sentence[place], sentence[place - 1]
        opens = clause.reading.phrase_at[clause.first]
        if opens is None or "that" not in opens.tags or "determiner" in opens.tags or own[place] is not Mood.STATED:
            continue
        turned = before.unknown or before.has("not", "no", "c:wrong", "maybe", "reported", "nothing_new")
        if own[place - 1] is not Mood.STATED or turned:
            own[place] = Mood.DOUBTED


def _own(clause: Clause) -> Mood:
    if clause.has("aside") or _is_long_ago(clause):
        return Mood.ASIDE
    if clause.has("if"):
        return Mood.CONDITIONAL
    if _denies(clause) or (clause.has("nearly") and "lost" in matches(clause)):
        return Mood.DENIED  # who nearly lost has not lost
    if _is_quoted(clause):
        return Mood.DOUBTED
    if _only_wishes(clause):
        return Mood.STATED  # "quisiera registrar …" asks for it, and doubts nothing
    planned = clause.has("planned") and not (clause.has("c:closing") and clause.dates)  # a forecast, plainly said
    doubts = [phrase for phrase in clause.places("maybe", "reported") if not _only_corrects(clause, phrase)]
    return Mood.DOUBTED if planned or doubts else Mood.STATED


def _only_corrects(clause: Clause, doubt: Phrase) -> bool:
    """Whether "rather" only opens the other value: "yes, but rather 36k"."""
    return clause.after_but and doubt.first == clause.first and "correction" in doubt.tags


def _only_wishes(clause: Clause) -> bool:
    """Whether the doubt in it is a polite wish for what only the writer can want."""
    doubts = clause.places("maybe", "reported", "planned")
    polite = all("request" in phrase.tags for phrase in doubts)
    wished = _WISHED if clause.asked else _WISHED - {"withdraw"}  # "we could give it back" may be meant or weighed
    return bool(doubts) and polite and not clause.has("c:them") and bool(matches(clause).keys() & wished)


def _is_quoted(clause: Clause) -> bool:
    """Whether the words are somebody else's, between quotation marks: `the customer writes: "we have signed"`."""
    tokens = clause.reading.text.tokens
    opened = sum(token.fold == '"' for token in tokens[: clause.first]) % 2 == 1
    behind_colon = any(
        tokens[place].fold == ":" and tokens[place + 1].fold == '"' for place in range(clause.first, clause.last - 1)
    )
    return opened or behind_colon or _speaks_in_quotes(clause)


def _speaks_in_quotes(clause: Clause) -> bool:
    """Whether what is said stands between quotation marks inside it: `they answered "we close at 55k"`; a name or a
    stage in quotes is the writer's own."""
    tokens = clause.reading.text.tokens
    marks = [place for place in range(clause.first, clause.last) if tokens[place].fold == '"']
    for opening, closing in zip(marks[::2], marks[1::2], strict=False):
        inner = replace(clause, first=opening + 1, last=closing)
        if opening + 1 < closing and not inner.stages and inner.has_slot and len(inner.phrases) > 0:
            return True
        if opening + 1 < closing and matches(inner).keys() & {"won", "lost", "extend", "withdraw"}:
            return True
    return False


def _is_long_ago(clause: Clause) -> bool:
    """Whether something is told of another year: "two years ago", "hace dos años", "signed in 2024"."""
    text, today = clause.reading.text, clause.reading.case.today
    past = any(one.day is not None and (today - one.day).days > _HALF_A_YEAR for one in clause.dates)
    past = past or any(one.kind is Kind.PLAIN and one.value in range(_FIRST_YEAR, today.year) for one in clause.numbers)
    if past and matches(clause).keys() & {"won", "lost"}:
        return True
    years = [one for one in clause.lengths if one.months >= _YEAR]
    ends = {text.place(one.end) for one in years}
    starts = {text.place(one.start) for one in years}
    return any(phrase.first in ends or phrase.last in starts for phrase in clause.places("c:ago"))


def _denies(clause: Clause) -> bool:
    """Whether a "not" stands in a clause that is neither part of what is meant ("not interested") nor of its reason."""
    denials = clause.places("not", "no", "nothing_new") if clause.has_trigger else clause.places("not")
    denials = denials + [phrase for phrase in clause.phrases if _hides_denial(clause, phrase)]
    if not denials:
        return False
    about = clause.reading.case.about
    invited = about is not None and about.kind == "qbr_invite"
    other = set() if invited else {"decline"}
    other |= set() if about is not None and about.kind == "approval_request" else {"reject", "approve"}
    intents = [match for name, match in matches(clause).items() if name not in other]
    meant = {place for match in intents for place in match.places}
    reason = _reason_from(clause)
    return any(
        denial.first not in meant and denial.first < reason and not _contrasts(clause, denial) for denial in denials
    )


def _hides_denial(clause: Clause, phrase: Phrase) -> bool:
    """Whether a trigger holds a "not" of its own ("don't want" of "don't want these mails"); where its intent is not
    the one that is meant, the "not" still counts ("I don't want to approve this")."""
    if "not" in phrase.tags or phrase.last - phrase.first < 2 or not _is_trigger(phrase):  # noqa: PLR2004
        return False
    lexicon, tokens = clause.reading.vocabularies[0].lexicon, clause.reading.text.tokens
    first = tokens[phrase.first : min(phrase.first + 3, phrase.last)]
    return any("not" in lexicon.tags_of(token.lower) or token.lower == "don" for token in first)


def _is_trigger(phrase: Phrase) -> bool:
    return any(":" in tag and not tag.startswith("c:") for tag in phrase.tags)


def _contrasts(clause: Clause, denial: Phrase) -> bool:
    """Whether a denial only takes back one of two values: "64k, not 46k"."""
    if denial.last >= clause.last or not clause.reading.taken[denial.last]:
        return False
    at = clause.reading.text.tokens[denial.last].start
    starts = [*(one.start for one in clause.numbers), *(one.start for one in clause.dates)]
    return at in starts and any(start < at for start in starts)


def _reason_from(clause: Clause) -> int:
    """Where the reason behind a trigger begins: "lost: no budget", "lost because they had none"."""
    triggers = [phrase for phrase in clause.phrases if _is_trigger(phrase)]
    if not triggers:
        return clause.last
    first = triggers[0].last
    colons = [place for place in range(first, clause.last) if clause.reading.text.tokens[place].fold == ":"]
    return min(
        [
            *colons,
            *(phrase.first for phrase in clause.places("c:because") if phrase.first >= first),
            clause.last,
        ]
    )


def _spread(sentence: Sequence[Clause], own: list[Mood]) -> None:
    first = list(own)
    for place, mood in enumerate(first):
        alone = mood is Mood.DOUBTED and not sentence[place].has_slot and not _has_other_trigger(sentence[place])
        ends = place == len(own) - 1
        denies = _denies_what_was_said(sentence[place], mood) or _is_denied_behind(sentence, place)
        if (ends and denies) or _breaks_off(sentence, place, mood):
            own[:] = [Mood.DOUBTED if one is Mood.STATED else one for one in own]
        if ends and mood is Mood.DOUBTED and says_doubt_alone(sentence[place]):
            own[:] = [Mood.DOUBTED if one is Mood.STATED else one for one in own]
        if mood is Mood.CONDITIONAL or alone:
            for beside in (place - 1, place + 1):
                if 0 <= beside < len(own) and own[beside] is Mood.STATED:
                    own[beside] = mood
    refused = [at for at, one in enumerate(own) if one is Mood.DENIED and "register" in matches(sentence[at])]
    if refused:  # "do not register Globex, 40k EUR"
        own[refused[0] :] = [Mood.DOUBTED if one is Mood.STATED else one for one in own[refused[0] :]]
    for place in range(1, len(own)):
        doubtful = own[place - 1] in {Mood.DOUBTED, Mood.CONDITIONAL, Mood.ASIDE}
        if doubtful and own[place] is Mood.STATED and _bare(sentence[place]) and not sentence[place].after_but:
            own[place] = own[place - 1]


def _spread_years(sentence: Sequence[Clause], own: list[Mood]) -> None:
    """What opens with another year tells of it: "three years ago, we lost a tender there"."""
    for place in range(1, len(own)):
        before = sentence[place - 1]
        only_says_when = own[place - 1] is Mood.ASIDE and _is_long_ago(before)
        if only_says_when and own[place] is Mood.STATED and not matches(before).keys() & {"won", "lost"}:
            own[place] = Mood.ASIDE


def _has_other_trigger(clause: Clause) -> bool:
    """Whether a word stands in it that can mean an action; a "maybe" that also answers invitations is none."""
    return any(":" in tag and not tag.startswith("c:") and ":tentative:" not in tag for tag in clause.tags)


def _is_denied_behind(sentence: Sequence[Clause], place: int) -> bool:
    """Whether a "not" alone takes back what stands before it: "Acme signed - not"; "no, not yet" is one answer."""
    return is_bare_denial(sentence[place]) and any(not clause.has("no", "not") for clause in sentence[:place])


def _denies_what_was_said(clause: Clause, mood: Mood) -> bool:
    """Whether it takes back what stands before it: "…, but no"."""
    short = clause.last - clause.first <= 2  # noqa: PLR2004
    denies = mood is Mood.DENIED or clause.has("no", "not")
    return clause.after_but and short and denies and not clause.unknown and not clause.has_slot


def _breaks_off(sentence: Sequence[Clause], place: int, mood: Mood) -> bool:
    """Whether a denial waits for its verb behind an insertion: "we have not, sadly, won it"."""
    clause = sentence[place]
    inserted = place + 2 < len(sentence)
    last = clause.reading.phrase_at[clause.last - 1]
    ends_open = last is not None and "not" not in last.tags and clause.last - clause.first <= 3  # noqa: PLR2004
    return inserted and mood is Mood.DENIED and not clause.has_slot and not clause.has_trigger and ends_open


def _bare(clause: Clause) -> bool:
    return clause.has_slot and not clause.has_trigger and not clause.unknown


def asked_from(sentence: Sequence[Clause]) -> int | None:
    """The place of the first clause of a sentence that asks, or None."""
    for place, clause in enumerate(sentence):
        if _asks(clause) and (clause.asked or not (is_request(clause) or clause.has_slot)):
            return place
    if not sentence or not sentence[-1].asked:
        return None
    tagged = len(sentence) > 1 and is_light(sentence[-1])
    if tagged and any(
        clause.has("please", "request") or matches(clause).keys() & (_WISHED - {"withdraw"}) for clause in sentence
    ):
        return None  # "Please extend by 30 days, ok?"
    requests = [place for place, clause in enumerate(sentence) if is_request(clause)]
    return requests[0] if requests else 0


def _asks_what(clause: Clause) -> bool:
    """Whether it asks for something to know, whatever is to be done with it: "what do you need to move it?"."""
    first = next((phrase for phrase in clause.phrases if not phrase.tags & (LIGHT | {"but", "correction"})), None)
    return clause.asked and first is not None and "asks" in first.tags and "request" not in first.tags


def _asks(clause: Clause) -> bool:
    """Whether a clause begins with a word that asks; little words may stand before it, a deal's name may not."""
    taken = [place for place in range(clause.first, clause.last) if clause.reading.taken[place]]
    for phrase in clause.phrases:
        if taken and phrase.first > taken[0]:
            return False
        if "asks" in phrase.tags or ("inverted" in phrase.tags and clause.asked):
            return True
        if not phrase.tags & (LIGHT | {"but", "correction"}):
            return False
    return False
