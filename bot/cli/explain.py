"""explain: what a reply is understood to mean. Needs no network, no configuration and no store."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from bot.cli.progress import with_progress
from bot.explaining import explain_case, readable
from bot.mail_words import mail_words
from mailer.words import Words


@click.command()
@click.argument("case", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--jsonl", is_flag=True, help="Cases from standard input, one a line; results the same way.")
@click.option("--eml", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The reply, as a mail file.")
@click.option("--context", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The case for --eml.")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def explain(case: Path | None, eml: Path | None, context: Path | None, *, jsonl: bool, as_json: bool) -> None:
    """Show what offportal would do with a reply, and do nothing (docs/explain.md).

    \b
    offportal explain case.json
    offportal explain --jsonl < cases.jsonl
    offportal explain --eml reply.eml --context case.json
    """
    words = mail_words()
    if jsonl:
        sys.exit(_lines(words))
    source = context if eml is not None else case
    if source is None:
        raise click.UsageError("give a case file, --jsonl, or --eml with --context")
    raw: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    try:
        result = explain_case(raw, words, eml.read_bytes() if eml else None)
    except ValueError as exc:
        raise click.ClickException(str(exc)) from exc
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else readable(raw, result))


def _lines(words: Words) -> int:
    """Every line gets its result, in order; a line that is no case gets an error and the exit status 1."""
    status = 0
    for line in with_progress(sys.stdin, "cases read"):
        if not line.strip():
            continue
        number = None
        try:
            raw = json.loads(line)
            number = raw.get("id") if isinstance(raw, dict) else None
            result = explain_case(raw, words, None)
        except ValueError as exc:
            status, result = 1, {"id": number, "error": str(exc)}
        click.echo(json.dumps(result, ensure_ascii=False))
    return status
