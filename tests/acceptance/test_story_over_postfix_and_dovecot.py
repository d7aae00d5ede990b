"""The same story with Debian's Postfix and Dovecot in the place of the sandbox's mail server."""

from __future__ import annotations

import asyncio
import imaplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from smtplib import SMTP
from typing import TYPE_CHECKING

import pytest

from bot.ports import Disposition
from bot.sandbox import script
from bot.sandbox.demo import PARTNER_DESK, PASSWORD, addresses_in
from bot.sandbox.world import demo_world
from tests.acceptance.office import Office, open_office

if TYPE_CHECKING:  # pytest itself imports the module of fixtures, and wants to be the first
    from tests.realmail import RealMail

pytest_plugins = ["tests.realmail"]
pytestmark = pytest.mark.realmail
JULIA = "julia@brandt-it.example"


@dataclass(frozen=True, slots=True)
class PostfixAndDovecot:
    """The world's mail system over real servers: STARTTLS to hand mail in, TLS to fetch it."""

    real: RealMail

    @property
    def smtp_port(self) -> int:
        return self.real.smtp_port

    @property
    def imap_port(self) -> int:
        return self.real.imaps_port

    async def mails(self, address: str) -> list[bytes]:
        return await asyncio.to_thread(self._fetch, address)

    def _fetch(self, address: str) -> list[bytes]:
        trusting = ssl.create_default_context(cafile=str(self.real.ca_file))
        with imaplib.IMAP4_SSL("127.0.0.1", self.imap_port, ssl_context=trusting, timeout=60) as imap:
            imap.login(address, PASSWORD)
            imap.select("INBOX", readonly=True)
            _, numbers = imap.uid("SEARCH", "ALL")
            fetched = [imap.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1] for uid in (numbers[0] or b"").split()]
        return [part[1] for found in fetched for part in found if isinstance(part, tuple)]

    def changes(self) -> dict[str, str]:
        """What config.toml says of such a mail system."""
        return {
            'trusted_authserv_ids = ["mx.sandbox.test"]': 'trusted_authserv_ids = ["mail.vendor.test"]',
            'own_received_by = "by mx\\\\.sandbox\\\\.test"': 'own_received_by = "by mail\\\\.vendor\\\\.test"',
            'tls = "none"                             # "starttls"': (
                f'ca_file = "{self.real.ca_file}"\ntls = "starttls"                         # "starttls"'
            ),
            'tls = "none"                             # "tls"': (
                f'ca_file = "{self.real.ca_file}"\ntls = "tls"                              # "tls"'
            ),
        }


@pytest.fixture(scope="module")
def system():
    from tests.realmail import running

    with running(dict.fromkeys(addresses_in(demo_world()), PASSWORD)) as real:
        yield PostfixAndDovecot(real)


@pytest.fixture
async def office(tmp_path, system: PostfixAndDovecot):
    async with open_office(tmp_path, mail=system, changes=system.changes()) as one:
        await one.start()
        yield one


async def test_the_story_holds_over_postfix_and_dovecot(office: Office):
    told: list[str] = []
    assert await script.play(office.world, told.append), "\n".join(told)


async def test_a_sender_who_has_not_logged_in_changes_nothing_whatever_headers_they_write(office: Office):
    before = len(await office.inbox())
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = JULIA, PARTNER_DESK, "Acme rollout"
    mail["Authentication-Results"] = "mail.vendor.test; dmarc=pass header.from=brandt-it.example"
    mail["Received"] = "from brandt-it.example (Authenticated sender: julia@brandt-it.example) by mail.vendor.test"
    mail.set_content("The amount of Acme rollout is 99,000.")
    with SMTP("127.0.0.1", office.world.mail.smtp_port, timeout=60) as smtp:
        smtp.send_message(mail, from_addr=JULIA)
    inbound = (await office.handled(before + 1))[-1]
    assert (inbound.disposition, inbound.reason) == (Disposition.REFUSED, "unauthenticated")
    assert office.deal("9001")["amount"] == "40000"
