"""Other set-ups than the demo's, end to end: mail alone, Slack alone, HubSpot's older API."""

from __future__ import annotations

from bot.ports import Disposition, MessageState
from bot.sandbox import script
from bot.sandbox.playing import Mailbox, text_of, until
from tests.acceptance.office import Office, open_office, with_sections

TOM, REDWOOD, ASHBY = "tom@ashby-digital.example", "9004", "#ashby-digital"
JUST_MAIL = {"slack": "", "slack.partner_teams": ""}
JUST_SLACK = {"mail": "", "mail.smtp": "", "mail.imap": ""}


async def nothing_failed(office: Office) -> None:
    assert not await office.dead_letters()
    assert not [m for m in await office.outbox() if m.state is MessageState.FAILED]


async def test_with_mail_alone_a_partner_and_a_manager_do_everything_by_mail(tmp_path):
    by_manager = {'amount = "apply"\ncurrency': 'amount = "manager"\ncurrency'}
    async with open_office(tmp_path, changes=by_manager) as office:
        with_sections(office.config, JUST_MAIL)
        await office.start()
        tom = Mailbox(office.world, TOM)
        office.world.hubspot.hands.move(REDWOOD, "Procurement")
        notice = await tom.next("Tom is told of the move")
        await tom.reply(notice, "The amount is 41,500.", name="Tom Ashby")
        assert "has to agree first" in text_of(await tom.next("Tom hears who decides"))
        (asked,) = [m for m in await office.outbox() if m.event == "approval_request"]
        manager = Mailbox(office.world, asked.to)
        await manager.reply(await manager.next("the manager is asked"), "approve", name=asked.to_name)
        assert "41,500" in text_of(await tom.next("Tom hears of the decision"))
        assert office.deal(REDWOOD)["amount"] == "41500"
        await office.quiet()
        await nothing_failed(office)


async def test_with_slack_alone_partners_are_told_and_nobody_is_sent_for_a_code(tmp_path):
    async with open_office(tmp_path) as office:
        with_sections(office.config, JUST_SLACK)
        await office.start()
        slack = office.world.slack

        async def told() -> bool:
            return any("Redwood" in str(m.get("text")) for m in slack.people.messages(ASHBY) if m.get("bot_id"))

        office.world.hubspot.hands.move(REDWOOD, "Procurement")
        await until("the channel was told of the move", told)
        slack.people.mention("tom", ASHBY, f"link {TOM}")
        (ended,) = await office.handled(1)
        assert (ended.disposition, ended.reason) == (Disposition.REFUSED, "no mail to send a code by")
        assert "write to your partner manager" in str(slack.people.messages(ASHBY, seen_by="tom")[-1])
        await nothing_failed(office)
        assert not await office.mail.mails(TOM)


async def test_the_story_holds_over_hubspots_older_api(tmp_path):
    async with open_office(tmp_path, changes={'api = "2026-09"': 'api = "v3"'}) as office:
        await office.start()
        told: list[str] = []
        assert await script.play(office.world, told.append), "\n".join(told)
        await nothing_failed(office)
        assert '"/crm/v3/objects/deals/' in (tmp_path / "requests.jsonl").read_text(encoding="ascii")
