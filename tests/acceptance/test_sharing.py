"""Two partners share one deal over the real worker, by mail: each is told of everything, with its own share only."""

from __future__ import annotations

from decimal import Decimal
from email.message import EmailMessage

from bot.domain.credits import Credit, credits_in
from bot.sandbox.playing import Mailbox, text_of, until
from tests.acceptance.office import open_office
from tests.acceptance.test_registration import BY_MAIL, JULIA, Desk, words

SHARED = {'overlap = "refuse"': 'overlap = "share"'}
#: What stands for the other partner and its part, in anything that one of them reads.
OF_TOMS = ("Ashby", "Tom", "80", "REG-1001")
OF_JULIAS = ("Brandt", "Julia", "20", "REG-1002")


def told_of(mail: EmailMessage, secrets: tuple[str, ...]) -> list[str]:
    """Which of these words stand in a mail, but for its own year and addresses."""
    text = f"{mail['Subject']}\n{text_of(mail)}".replace("2026", "").replace("2027", "")
    return [word for word in secrets if word in text]


async def test_a_second_partner_shares_a_deal_and_both_are_told_of_a_move(tmp_path):
    async with open_office(tmp_path, changes=BY_MAIL | SHARED) as office:
        await office.start()
        desk, hands = Desk(office), office.world.hubspot.hands
        franco, julia = Mailbox(office.world, "franco.desantis@meridian.example"), Mailbox(office.world, JULIA)

        await desk.tom.write("New deal", words(office), name="Tom Ashby")
        await franco.reply(await franco.about("REG-1001", "the manager is asked"), "approved", name="Franco De Santis")
        await desk.told(desk.tom, "is approved")

        await julia.write("New deal", words(office), name="Julia Brandt")
        request = await desk.told(desk.priya, "30\N{NO-BREAK SPACE}% at most")
        assert "Ashby" in text_of(request)  # the vendor's people know who is there
        await desk.priya.reply(request, "approve with 20 %", name="Priya Nair")
        told = await desk.told(julia, "ist genehmigt")
        assert "20\N{NO-BREAK SPACE}%" in text_of(told)
        assert told_of(told, OF_TOMS) == []
        share_told = await desk.told(desk.tom, "Your share of the credit")
        assert told_of(share_told, OF_JULIAS) == []

        (deal,) = [d for d in hands.look_at_all("deals") if "Nordwind" in d["properties"]["dealname"]]
        held = deal["properties"]
        assert (held["partner_account"], held["partner_share"]) == ("7002", "80")
        assert credits_in(held["partner_credits"]) == (
            Credit(partner_id="7001", share=Decimal(20), registration="REG-1002"),
        )
        assert {"7001", "7002"} <= set(map(str, deal["associations"]["companies"]))

        hands.move(deal["id"], "Qualification")
        for mailbox, own, others in ((desk.tom, "80", OF_JULIAS), (julia, "20", OF_TOMS)):
            moved = await desk.told(mailbox, "Qualification")
            assert f"{own}\N{NO-BREAK SPACE}%" in text_of(moved)
            assert told_of(moved, others) == []

        await julia.reply(moved, "Ich ziehe die Registrierung zurück.", name="Julia Brandt")
        await desk.told(desk.priya, "has given back its share")

        async def is_free() -> bool:
            return not hands.look("deals", deal["id"])["properties"].get("partner_credits")

        await until("the share is free again", is_free)
        await office.quiet()
        assert "7001" not in set(map(str, hands.look("deals", deal["id"])["associations"]["companies"]))
        assert await office.dead_letters() == []
