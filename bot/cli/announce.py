"""announce: one text to many, with what it would do shown first; and how announcements stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from bot import app as application
from bot.cli.common import config_option, json_option, loaded, run_async, show_rows
from bot.config import Config
from bot.domain.announcement_file import AnnouncementError, Draft, read
from bot.domain.announcements import Announcement, RecipientState
from bot.domain.segments import SegmentError
from bot.errors import PermanentError
from handlers import announcing
from handlers.audience import Preview, preview


class _FileOrCommand(click.Group):
    """`announce q1.md` is `announce send q1.md`; a file named like a command is written ./list."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = args[0] in self.commands or args[0].startswith("-")
        return super().resolve_command(ctx, args if known else ["send", *args])


@click.group(cls=_FileOrCommand)
def announce() -> None:
    """Tell many partners something: offportal announce FILE --to 'tier:gold motion:reseller'.

    \b
    The file begins with a head, one text a language follows:
        +++
        slug = "q1-incentives"
        kind = "incentive"       (programme, enablement, incentive, product, policy)
        to = "tier:gold"         (or --to)
        +++
        Subject: Five per cent more
        …
        +++ de
        Subject: Fünf Prozent mehr
        …
    """


@announce.command()
@config_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", help="Whom it is for, such as 'tier:gold not region:DE', @saved or everyone.")
@click.option("--at", help='When it goes out, such as "2027-01-11 09:00"; default: now.')
@click.option("--in-their-timezone", "their_time", is_flag=True, help="--at counts by each contact's own clock.")
@click.option("--author", help="Who hears how it stands; default: programme.fallback_manager.")
@click.option("--dry-run", is_flag=True, help="Only show what would happen.")
@click.option("--yes", is_flag=True, help="Send without asking.")
def send(
    path: Path,
    file: Path,
    to: str | None,
    at: str | None,
    author: str | None,
    *,
    their_time: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Show whom a file would reach, ask, and send it (the default command)."""
    config = loaded(path)

    async def main() -> None:
        async with application.opened(config) as app:
            now = app.services.now()
            draft = _draft(config, file)
            options = _Options(to=to, at=at, author=author, their_time=their_time)
            announcement = _announcement(config, draft, options, now)
            seen = await _previewed(app, announcement)
            click.echo(_shown(announcement, seen, config))
            if dry_run:
                return
            if not seen.people:
                raise PermanentError(f"{file}: nobody would get it; nothing is sent")
            if not yes:
                click.confirm(f"Send it to {seen.people}?", abort=True)
            await announcing.announce(app.services, announcement)
        click.echo(f"{announcement.slug} is sent by the running worker; offportal announce report {announcement.slug}")

    run_async(main)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    to: str | None
    at: str | None
    author: str | None
    their_time: bool


def _draft(config: Config, file: Path) -> Draft:
    programme = config.programme
    try:
        return read(file.read_bytes(), languages=programme.languages, default=programme.default_language)
    except AnnouncementError as exc:
        raise PermanentError("\n".join(f"{file}: {fault}" for fault in exc.faults)) from exc


def _announcement(config: Config, draft: Draft, options: _Options, now: datetime) -> Announcement:
    segment = options.to or draft.to
    author = options.author or config.programme.fallback_manager
    if not segment:
        raise PermanentError("announce: say whom it is for: --to 'tier:gold', or `to` in the file's head")
    if not author:
        raise PermanentError("announce: say who hears how it stands: --author, or programme.fallback_manager")
    their_time = options.their_time or draft.their_time
    return Announcement(
        id=0,
        slug=draft.slug,
        topic=draft.topic,
        texts=draft.texts,
        segment=segment,
        channels=draft.channels,
        at=_at(config, options.at, draft.at, now, their_time=their_time),
        their_time=their_time,
        author=author,
        created_at=now,
    )


def _at(
    config: Config, typed: str | None, written: datetime | None, now: datetime, *, their_time: bool
) -> datetime | None:
    """The time in UTC; a wall clock's as it stands where it counts in each contact's zone."""
    try:
        at = datetime.fromisoformat(typed) if typed else written
    except ValueError as exc:
        raise PermanentError(f'announce: --at {typed!r}: write a day and a time, such as "2027-01-11 09:00"') from exc
    if at is None:
        if their_time:
            raise PermanentError("announce: --in-their-timezone needs --at: whose clock shows what?")
        return None
    zone = ZoneInfo(config.announcements.timezone)
    here = at if at.tzinfo else at.replace(tzinfo=zone)
    if here <= now:
        raise PermanentError(f"announce: {at:%Y-%m-%d %H:%M} is past: leave --at out to send it now")
    return at.replace(tzinfo=UTC) if their_time else here.astimezone(UTC)


async def _previewed(app: application.App, announcement: Announcement) -> Preview:
    try:
        seen = await preview(app.services, announcement)
    except SegmentError as exc:
        raise PermanentError("\n".join(f"--to: {fault}" for fault in exc.faults)) from exc
    if seen.faults:
        raise PermanentError("\n".join(f"--to: {fault}" for fault in seen.faults))
    return seen


def _shown(announcement: Announcement, seen: Preview, config: Config) -> str:
    when = "now"
    if announcement.at is not None:
        zone = ZoneInfo(config.announcements.timezone)
        there = "of their own clocks" if announcement.their_time else str(zone)
        local = announcement.at if announcement.their_time else announcement.at.astimezone(zone)
        when = f"at {local:%Y-%m-%d %H:%M} {there}"
    lines = [
        f"{announcement.slug} ({announcement.topic.value}) to {announcement.segment}, {when}: {seen.people} people",
        *(f"  {number:6} by {channel.value} in {language}" for (channel, language), number in sorted(seen.to.items())),
    ]
    lines += [f"  {seen.digest:6} of them with their digest"] if seen.digest else []
    lines += [f"  {seen.later:6} of them later: quiet hours, a pause, another time zone"] if seen.later else []
    lines += [f"  {number:6} left out: {why.value.replace('_', ' ')}" for why, number in seen.skipped.most_common()]
    lines += [f"  no text in {language}: they read the one in {other}" for language, other in seen.fallbacks.items()]
    lines += [f"  {language}: {text.subject}" for language, text in announcement.texts.items()]
    return "\n".join(lines)


# ---- how they stand ---------------------------------------------------------------------------------------


def _row(one: Announcement) -> dict[str, object]:
    return {
        "slug": one.slug,
        "kind": one.topic.value,
        "state": one.state.value,
        "to": one.segment,
        "at": one.at.isoformat(timespec="minutes") if one.at else None,
        "author": one.author,
        "reason": one.reason,
    }


@announce.command("list")
@config_option
@json_option
@click.option("--limit", default=50, show_default=True)
def list_announcements(path: Path, *, as_json: bool, limit: int) -> None:
    """The newest first."""

    async def main() -> None:
        async with application.opened(loaded(path)) as app, app.store.unit() as unit:
            found = await unit.announcements(limit=limit)
        show_rows([_row(one) for one in found], as_json=as_json)

    run_async(main)


@announce.command()
@config_option
@json_option
@click.argument("slug")
def report(path: Path, slug: str, *, as_json: bool) -> None:
    """How many have it, who was left out and why, and what people did."""

    async def main() -> None:
        async with application.opened(loaded(path)) as app, app.store.unit() as unit:
            found = await announcing.report(unit, slug)
        rows = [{"what": what, "why": why, "people": number} for what, why, number in _numbers(found)]
        if not as_json:
            show_rows([_row(found.announcement)], as_json=False)
        show_rows(rows, as_json=as_json)

    run_async(main)


def _numbers(found: announcing.Report) -> list[tuple[str, str, int]]:
    order = list(RecipientState)
    states = sorted(found.reasons.items(), key=lambda one: (order.index(one[0][0]), one[0][1]))
    rows = [(state.value, why, number) for (state, why), number in states]
    return rows + [(what.value, "", number) for what, number in found.engaged.items() if number]


@announce.command()
@config_option
@click.argument("slug")
def pause(path: Path, slug: str) -> None:
    """Send no more of it until it is resumed; what is in hand still goes out."""

    async def main() -> None:
        async with application.opened(loaded(path)) as app:
            await announcing.pause(app.services, slug, "paused by hand")
        click.echo(f"{slug} is paused.")

    run_async(main)


@announce.command()
@config_option
@click.argument("slug")
def resume(path: Path, slug: str) -> None:
    """Go on with one that is paused; what was refused, though not for its address, is tried once more."""

    async def main() -> None:
        async with application.opened(loaded(path)) as app:
            await announcing.resume(app.services, slug)
        click.echo(f"{slug} goes on.")

    run_async(main)


@announce.command()
@config_option
@click.argument("slug")
def cancel(path: Path, slug: str) -> None:
    """Nobody gets it any more who has not had it."""

    async def main() -> None:
        async with application.opened(loaded(path)) as app:
            await announcing.cancel(app.services, slug, "cancelled by hand")
        click.echo(f"{slug} is cancelled.")

    run_async(main)


@announce.command()
@config_option
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def correct(path: Path, slug: str, file: Path) -> None:
    """Another text for all who have not had it."""
    config = loaded(path)

    async def main() -> None:
        draft = _draft(config, file)
        async with application.opened(config) as app:
            corrected = await announcing.correct(app.services, slug, draft.texts)
        click.echo(f"{slug}: version {corrected.version} goes to all who have not had it.")

    run_async(main)
