"""What the contract's small world holds, by name: ids, stages, and the token of its HubSpot."""

from __future__ import annotations

from bot.domain.deals import Outcome

BRANDT, ASHBY, FORMER, ACME = "7001", "7002", "7003", "7101"  # Former has ended
JULIA, TOM, EVE, ANA = "8001", "8002", "8003", "8004"  # Brandt, Brandt, Brandt and Ashby (Ashby first), Acme
OLGA = "8005"  # Former
ROLLOUT, SECOND, ASHBYS, NOBODYS, LOST = "9001", "9002", "9003", "9004", "9005"
CONTOSO, MUELLER = "7201", "7202"  # a customer in Germany; direct sales have a deal there
DIRECT = "9101"
NOBODY = "9999"
PRIYA = "5001"
CHANNEL, SHARED_BY_TWO = "C0BRANDT", "C0BOTH"
STAGES = ("Deal Registration", "Qualification", "Transact", "Closed Won", "Closed Lost")
OUTCOMES = {"Closed Won": Outcome.WON, "Closed Lost": Outcome.LOST}
STAGE_IDS = {label: str(7510 + place) for place, label in enumerate(STAGES)}
TOKEN = "pat-eu1-not-a-real-token"
