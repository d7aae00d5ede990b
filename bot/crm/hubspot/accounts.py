"""Companies that may be the one a partner claims: found by the search index, which lags, and by what we made lately.

Refuses to decide which of them it is when a claim is judged (bot.domain.companies does); only to avoid a second record
of one company does it decide itself, by the same rule.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.crm.hubspot.cache import Cache
from bot.crm.hubspot.countries import country
from bot.crm.hubspot.fields import Record
from bot.crm.hubspot.objects import Json, Objects, next_page
from bot.crm.hubspot.reads import Reads
from bot.crm.hubspot.settings import HubSpotSettings
from bot.domain.accounts import Account
from bot.domain.companies import LONGEST_KEY, company_key, compare
from bot.domain.deals import Deal, Outcome

MOST_ACCOUNTS = 100
SHORTEST_LOOSE = 4  # letters of a word that is looked for with one letter left open
MADE_KEPT_S = 120.0  # the search index shows a new company after moments, seldom after a minute
TERMS = ("status", "country", "segment", "lifecycle", "other_domains")
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa"})
_UMLAUT = re.compile("[aou]e")


class Accounts:
    """Companies of one portal, as accounts."""

    def __init__(self, objects: Objects, reads: Reads, settings: HubSpotSettings) -> None:
        self._objects = objects
        self._reads = reads
        self._settings = settings
        self._made: Cache[str, tuple[str, str | None]] = Cache(MADE_KEPT_S)  # id -> key and domain

    async def like(self, *, domain: str | None, name: str) -> tuple[Account, ...]:
        """As bot.ports.RegistrationDesk.accounts_like: three calls, two when no deal is open there."""
        records = await self._found(domain, name)
        links = await self._objects.associated("companies", [str(r["id"]) for r in records], "deals")
        names = {link.id: _name(r) for r in records for link in links[str(r["id"])]}
        deals = {d.id: d for d in await self._reads.deals(list(names), companies=names)}
        theirs = {owner: [deals[link.id] for link in linked if link.id in deals] for owner, linked in links.items()}
        return tuple(self._account(r, theirs[str(r["id"])], domain) for r in records)

    async def known(self, *, domain: str | None, name: str) -> str | None:
        """The id of the company that is surely this one, the longest known of several; None when there is none."""
        key = company_key(name)
        sure = [r for r in await self._found(domain, name) if self._is_surely(r, key, domain)]
        same_domain = [r for r in sure if domain and r["properties"].get("domain") == domain]
        return next((str(r["id"]) for r in sorted(same_domain or sure, key=lambda r: int(r["id"]))), None)

    def remember(self, company_id: str, *, domain: str | None, name: str) -> None:
        """A company that was made just now, which the search does not show yet."""
        self._made.put(company_id, (company_key(name), domain))

    async def _found(self, domain: str | None, name: str) -> list[Record]:
        """Those that surely are it first. Where more begin alike than a page holds, it is looked for by itself."""
        further = self._settings.company("other_domains")
        broad = [*by_domain(domain, further), *by_first_word(name)]
        if not broad:
            return []
        properties = ["name", "domain", "hubspot_owner_id", *(self._settings.company(t) for t in TERMS)]
        page = await self._objects.search("companies", broad, properties, sort="hs_object_id")
        hits = list(page["results"])
        if next_page(page) is not None:
            exact: list[list[Json]] = [
                *by_domain(domain, further),
                [{"propertyName": "name", "operator": "EQ", "value": name.strip()[:LONGEST_KEY]}],
            ]
            hits += (await self._objects.search("companies", exact, properties, sort="hs_object_id"))["results"]
        key = company_key(name)
        made = [i for i, (k, d) in self._made.items() if compare(key, domain, k, d).is_sure]
        unseen = [i for i in made if i not in {str(hit["id"]) for hit in hits}]
        hits += await self._objects.read("companies", unseen, properties)
        sure = [hit for hit in hits if self._is_surely(hit, key, domain)]
        found = {str(hit["id"]): hit for hit in (*sure, *hits)}
        return list(found.values())[:MOST_ACCOUNTS]

    def _is_surely(self, record: Record, key: str, domain: str | None) -> bool:
        """Whether it is the company of that key and domain, by any of its own domains."""
        own = company_key(_name(record))
        known: list[str | None] = [*self._domains(record)]
        return any(compare(key, domain, own, theirs).is_sure for theirs in known or [None])

    def _domains(self, record: Record) -> list[str]:
        """The domains of a company, its main one first."""
        held = record["properties"]
        domains = [held.get("domain") or "", *(held.get(self._settings.company("other_domains")) or "").split(";")]
        return [domain.strip() for domain in domains if domain.strip()]

    def _account(self, record: Record, deals: Sequence[Deal], asked: str | None) -> Account:
        """The account; of several domains it shows the one that was asked for."""
        domains = self._domains(record)
        meant = (d for d in domains if asked and compare("", d, "", asked).is_sure)
        held = record["properties"]

        def text(term: str) -> str | None:
            return (held.get(self._settings.company(term)) or "").strip() or None

        where = text("country")
        return Account(
            id=str(record["id"]),
            name=_name(record),
            domain=next(meant, next(iter(domains), None)),
            country=where and country(where),
            segment=text("segment"),
            customer=(text("lifecycle") or "").casefold() in self._settings.customer_stages,
            partner=text("status") is not None,
            owner_id=held.get("hubspot_owner_id") or None,
            deals=tuple(d for d in deals if d.outcome is Outcome.OPEN),
        )


def by_domain(domain: str | None, other_domains: str) -> list[list[Json]]:
    """Two filter groups: the domain, with and without www, and the domain among a company's further ones."""
    if not domain:
        return []
    domain = domain.lower()  # IN compares the stored text in lower case with what is asked as it is (search guide)
    own = {"propertyName": "domain", "operator": "IN", "values": [domain, f"www.{domain}"]}
    return [[own], [{"propertyName": other_domains, "operator": "CONTAINS_TOKEN", "value": domain}]]


def by_first_word(name: str) -> list[list[Json]]:
    """At most three filter groups, one for each spelling of the word; HubSpot takes five in all."""
    words = spellings(name)
    return [[{"propertyName": "name", "operator": "CONTAINS_TOKEN", "value": f"{word}*"}] for word in words]


def spellings(name: str) -> tuple[str, ...]:
    """How the first word (of two letters at least) that tells the company apart may be written: as it is, with its
    umlauts the other way, and with anything for its first a, o or u: müller, mueller and m*ller."""
    words = company_key(name).split()
    first = next((w for w in words if len(w) > 1), "".join(words[:1]))
    said = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", unicodedata.normalize("NFC", name).casefold())
    word = max(re.split("['’]", next((w for w in said if company_key(w) == first), first)), key=len)
    umlaut = _UMLAUT.sub(lambda m: {"a": "ä", "o": "ö", "u": "ü"}[m.group()[0]], word)
    spelled = word.translate(_SPELLED)
    loosely = re.sub("[aou]", "*", first, count=1) if len(first) >= SHORTEST_LOOSE else first
    return tuple(dict.fromkeys(w for w in (word, umlaut if spelled == word else spelled, loosely) if w))


def _name(record: Record) -> str:
    return record["properties"].get("name") or record["properties"].get("domain") or ""
