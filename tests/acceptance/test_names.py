"""Names in the CRM that would deceive a reader, through the real process."""

from __future__ import annotations

from bot.sandbox.playing import Mailbox, text_of, until
from bot.sandbox.world import demo_world
from tests.acceptance.office import open_office

TOM, REDWOOD, ASHBY = "tom@ashby-digital.example", "9004", "#ashby-digital"
UNSEEN = {"\u202e", "\u2066", "\u200b", "\u2069"}


async def test_signs_that_nobody_sees_reach_neither_mail_nor_slack(tmp_path):
    seed = demo_world()
    for contact in seed["contacts"]:
        if contact["properties"]["email"] == TOM:
            contact["properties"]["lastname"] = "\u202eyhs\u200bA\u2066"
    for deal in seed["deals"]:
        if deal["id"] == REDWOOD:
            deal["properties"]["dealname"] = "Red\u200bwood \u2066<!channel>\u2069 \u202ekcabyaP &amp; Co"
    async with open_office(tmp_path, seed=seed) as office:
        await office.start()
        office.world.hubspot.hands.move(REDWOOD, "Procurement")
        mail = await Mailbox(office.world, TOM).next("Tom is told of the move")
        assert "Redwood <!channel> kcabyaP &amp; Co" in text_of(mail)
        assert "yhsA" in str(mail["To"])

        async def told() -> str | None:
            found = [m for m in office.world.slack.people.messages(ASHBY) if m.get("bot_id")]
            return f"{found[0]['text']}{found[0]['blocks']}" if found else None

        in_slack = await until("the channel is told", told)
        assert "Redwood &lt;!channel&gt; kcabyaP &amp;amp; Co" in in_slack
        for said in (text_of(mail), str(mail["Subject"]), str(mail["To"]), in_slack):
            assert not UNSEEN & set(said)
