"""Plans for tests: a daily series whose first chapter, unless told otherwise, comes on 2 March 2026 at 07:00."""

from dataclasses import replace
from datetime import date, datetime, time

from scheduler.cadence import Cadence, daily
from scheduler.edit import Edit, Preview, preview
from scheduler.plan import Placed, Plan, settle
from tests.making import at

NOW = at("2026-03-01 12:00")
FLOOR = NOW.replace(tzinfo=None)
DAILY = daily(time(7), date(2026, 3, 1))


def day(number: int, hour: int = 7, minute: int = 0, *, month: int = 3) -> datetime:
    """A moment of March 2026."""
    return datetime(2026, month, number, hour, minute)


def a_post(key: int, **values: object) -> Placed:
    """A planned chapter with the slug c<key>."""
    fields: dict[str, object] = {
        "key": key,
        "slug": f"c{key}",
        "title": f"Chapter {key}",
        "number": str(key),
        "state": "planned",
    }
    return Placed(**{**fields, **values})  # type: ignore[arg-type]


def a_plan(*posts: Placed, cadence: Cadence = DAILY, zone: str = "UTC", floor: datetime = FLOOR) -> Plan:
    """A settled plan; with no posts named, of chapters 1 to 5."""
    chosen = posts or tuple(a_post(number) for number in range(1, 6))
    return settle(Plan(zone, cadence, tuple(chosen)), floor=floor)


def edited(plan: Plan, edit: Edit, *, now: datetime = NOW) -> Preview:
    return preview(plan, edit, now=now)


def moments(plan: Plan) -> dict[str, datetime | None]:
    """What waits, in order: slug → wall time."""
    return {post.slug: post.wall for post in plan.waiting}


def after(plan: Plan, edit: Edit, *, now: datetime = NOW) -> dict[str, datetime | None]:
    return moments(edited(plan, edit, now=now).after)


def out(number: int, wall: datetime) -> Placed:
    """A chapter that came out as its number says."""
    return replace(a_post(number, state="released", seq=number), wall=wall)
