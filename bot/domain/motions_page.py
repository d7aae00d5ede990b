"""docs/motions.md, drawn from the tables: `python -m bot.domain.motions_page > docs/motions.md`. Decides nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from bot.domain.deals import Outcome, Pipeline, Stage
from bot.domain.motions import DEFAULTS, Motions, Step, transitions
from bot.domain.partners import Motion

_INTRO = """# Motions, stages and gates

Drawn from `bot/domain/motions.py`; a test holds the two together. `[motions.<motion>]` in config.toml replaces a
motion's stages; the motions that run are those that `[crm.hubspot.pipelines]` names.

A gate asks before a deal leaves a stage: is everything there that the stage requires? A stage change that a partner
asks for waits until it is, and the partner is told what is missing, reminded once, and told when it is dropped
(`[rhythm]`); what a partner cannot fill, and a deal without a motion, goes to the partner manager. A person's change in
the CRM is never undone: the manager is told. Every step forward needs the deal's motion and its source. Winning passes
the gate of the last stage; going back and losing are free.
"""
_STEPS = {
    Step.NEXT: "next: passes the gate of its stage",
    Step.SKIP: "several: passes the gate of each stage left behind",
    Step.BACK: "back: free",
    Step.WON: "won: passes the gate of the last stage",
    Step.LOST: "lost: free",
}


def default_pipeline(motion: Motion) -> Pipeline:
    """The pipeline that a motion's default stages make, with the stages that close a deal."""
    opened = tuple(Stage(label=e.stage) for e in DEFAULTS[motion])
    closing = (Stage(label="Won", outcome=Outcome.WON), Stage(label="Lost", outcome=Outcome.LOST))
    return Pipeline(motion=motion, stages=(*opened, *closing))


def page(motions: Motions = DEFAULTS) -> str:
    """The page as Markdown."""
    parts = [_INTRO, "Steps:\n", *(f"- {text}" for text in _STEPS.values()), ""]
    for motion, exits in motions.items():
        parts += [f"## {motion.value.capitalize()}\n", "| stage | left when | requires |", "| --- | --- | --- |"]
        parts += [f"| {e.stage} | {e.criterion} | {', '.join(e.requires) or '–'} |" for e in exits]
        parts += ["", *_matrix(default_pipeline(motion)), ""]
    return "\n".join(parts)


def _matrix(pipeline: Pipeline) -> Iterator[str]:
    """Rows are the stages a deal comes from, columns those it goes to."""
    table = transitions(pipeline)
    labels = [s.label for s in pipeline.stages]
    yield f"| from \\ to | {' | '.join(labels)} |"
    yield f"| --- |{' --- |' * len(labels)}"
    for old in labels:
        yield f"| {old} | {' | '.join(table[old, new].value if old != new else '' for new in labels)} |"


if __name__ == "__main__":
    sys.stdout.write(page())
