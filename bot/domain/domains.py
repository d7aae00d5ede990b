"""By which web domain a company is known: from an address of somebody there, a link, or what the CRM holds. Pure; the
public suffix list (publicsuffix.org) is the one that comes with its library. Refuses domains that strangers share.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import idna
from publicsuffixlist import PublicSuffixList

# Where anybody gets an address. Those of the first kind exist in many countries (gmx.net, gmx.at, yahoo.co.uk).
_MAIL_BRANDS = frozenset(
    {"aol", "gmail", "gmx", "googlemail", "hotmail", "outlook", "protonmail", "tutanota", "yahoo", "yandex", "ymail"}
)
_MAIL_DOMAINS = frozenset(
    """
    126.com 163.com alice.it arcor.de att.net bbox.fr bellsouth.net bluewin.ch bol.com.br btinternet.com
    comcast.net cox.net duck.com email.de fastmail.com fastmail.fm foxmail.com free.fr freenet.de hetnet.nl
    hey.com home.nl hushmail.com icloud.com ig.com.br inbox.com kpnmail.nl laposte.net libero.it live.at live.be
    live.ca live.co.uk live.com live.com.pt live.de live.fr live.it live.nl mac.com mail.com mail.de mail.ru
    mailbox.org me.com msn.com naver.com neuf.fr ntlworld.com numericable.fr online.de orange.fr outlook.de
    planet.nl pm.me posteo.de proton.me qq.com quicknet.nl rediffmail.com rocketmail.com sapo.pt sbcglobal.net
    seznam.cz sfr.fr sky.com skynet.be swissonline.ch t-online.de talktalk.net telefonica.net telenet.be
    terra.com.br terra.es tin.it tiscali.it tuta.com tuta.io uol.com.br verizon.net virgilio.it virginmedia.com
    vodafone.de vodafone.it wanadoo.fr web.de xs4all.nl ziggo.nl zoho.com zohomail.com zonnet.nl
    """.split()  # noqa: SIM905 - one in a line of its own would be a page
)
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/?#@]*@)?(?P<host>[^/?#:]+)", re.IGNORECASE)
_LABEL = r"(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)*{_LABEL}")  # what IDNA would not change, found 15 times as fast
_LONGEST = 2000  # characters that are looked at


@lru_cache(maxsize=8192)
def web_domain(text: str | None) -> str | None:
    """The registrable domain (public suffix and one label more) in an email address, a link or a host name, in small
    letters and with xn-- for other scripts. None when there is none, as in an IP address, and for a provider where
    anybody gets an address (gmail.com): such a domain says nothing about a company."""
    found = _HOST.match((text or "").strip()[:_LONGEST])
    host = _ascii(found["host"]) if found else None
    domain = None if host is None else _suffixes().privatesuffix(host)
    return None if domain is None or is_shared(domain) else domain


def is_shared(domain: str) -> bool:
    """Whether people of many companies have addresses there."""
    return domain in _MAIL_DOMAINS or domain.partition(".")[0] in _MAIL_BRANDS


def _ascii(host: str) -> str | None:
    """The host name as DNS has it, or None when it is not one: RFC 5890, and UTS 46 for what people type."""
    name = host.strip().rstrip(".").lower()
    if not _PLAIN.fullmatch(name):
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    return None if name.rpartition(".")[2].isdigit() else name


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()  # reads 300 kB, so only when a domain is asked for
