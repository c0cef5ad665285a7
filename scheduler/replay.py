"""Replaying a calendar: it moves only forwards, and stops at every due instant on the way."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum

from db import batches, installation
from db.engine import Store
from db.errors import CalendarRefused
from db.states import StoreKind
from scheduler.editions import unfinished
from scheduler.passes import Clockwork, Passes
from scheduler.release import Released

LOCKED_PAUSE = 0.05
"""Seconds."""
LOCKED_TRIES = 200

Pace = Callable[[datetime, datetime], bool]
"""Called before the calendar moves from one instant to the next; may take its time. False ends the replay."""


def at_full_speed(_before: datetime, _after: datetime) -> bool:
    return True


def calendar_of(store: Store) -> datetime | None:
    """Where a replay's calendar stands; None for a live store."""
    with store.reading() as session:
        row = installation.the(session)
        return row.calendar_now if row.kind == StoreKind.replay else None


def check_now(store: Store, asked: datetime, *, machine: datetime) -> datetime:
    """The moment that a one-pass command shall work at.

    Raises CalendarRefused for a moment beyond the machine's clock in a live store, or behind the calendar of a replay.
    """
    calendar = calendar_of(store)
    if calendar is None and asked > machine:
        raise CalendarRefused(
            f"--now {_said(asked)} lies in the future of this machine's clock ({_said(machine)}); "
            "only a store made by `fascicle init --replay` may go there"
        )
    if calendar is not None and asked < calendar:
        raise CalendarRefused(f"--now {_said(asked)}: the calendar of this replay stands at {_said(calendar)} already")
    return asked.astimezone(UTC)


def run(passes: Passes, until: datetime, *, pace: Pace = at_full_speed) -> None:
    """Move a replay's calendar to `until`, doing at each due instant what is due there.

    What a killed run left undone at the present instant is done first. Stops before `until` when `pace` says so, or
    when letters wait for the relay: the calendar must not run away from them.
    """
    now = _present(passes.clockwork.store)
    while _settled(passes, now) and now < until:
        due = passes.clockwork.next_due_at()
        coming = until if due is None else min(due, until)
        if not pace(now, coming):
            return
        with passes.clockwork.store.writing() as session:
            installation.move_calendar(session, coming)
        now = coming


def leap(clockwork: Clockwork, to: datetime) -> list[Released]:
    """Move a replay's calendar to a moment, waking at every due instant on the way; gives what was released."""
    done: list[Released] = []
    now = _present(clockwork.store)
    while now <= to:
        done += clockwork.wake(now)
        due = clockwork.next_due_at()
        if now == to:
            break
        now = to if due is None or not now < due < to else due
        with clockwork.store.writing() as session:
            installation.move_calendar(session, now)
    return done


def _present(store: Store) -> datetime:
    now = calendar_of(store)
    if now is None:
        raise CalendarRefused("this store lives on the machine's clock; `fascicle init --replay` makes one to replay")
    return now


def _settled(passes: Passes, now: datetime) -> bool:
    """Do all that is due at `now`; False when letters wait for the relay, or something does not come to its end."""
    for _ in range(LOCKED_TRIES):
        passes.everything(now)
        state = _state(passes, now)
        if state is not _State.locked or passes.stopping():
            return state is _State.settled
        # A database may hold the locks of a killed process a moment longer.
        time.sleep(LOCKED_PAUSE)
    return False


class _State(Enum):
    settled = "settled"
    waiting = "waiting"
    locked = "locked"


def _state(passes: Passes, now: datetime) -> _State:
    due = passes.clockwork.next_due_at()
    with passes.clockwork.store.reading() as session:
        if not unfinished(session) and (due is None or due > now):
            return _State.settled
        return _State.locked if batches.next_retry_at(session) is None else _State.waiting


def _said(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
