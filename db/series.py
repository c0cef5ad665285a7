"""Questions about series."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.errors import SeriesNotFound
from db.tables import Series


def all_series(session: Session) -> Sequence[Series]:
    return session.scalars(select(Series).order_by(Series.slug)).all()


def titles(session: Session) -> dict[int, str]:
    """By their ids."""
    return dict(session.execute(select(Series.id, Series.title)).all())


def ends_of(session: Session, slugs: Collection[str] | None) -> dict[str, tuple[int, int]]:
    """Id and last seq of the series with these slugs, or of all; nothing more, since there may be very many."""
    statement = select(Series.slug, Series.id, Series.last_seq).order_by(Series.slug)
    if slugs is not None:
        statement = statement.where(Series.slug.in_(slugs))
    return {slug: (series_id, last_seq) for slug, series_id, last_seq in session.execute(statement)}


def by_slug(session: Session, slug: str) -> Series:
    """Raises SeriesNotFound."""
    row = find(session, slug)
    if row is None:
        raise SeriesNotFound(slug)
    return row


def find(session: Session, slug: str) -> Series | None:
    return session.scalar(select(Series).where(Series.slug == slug))


def locked(session: Session, series_id: int) -> Series | None:
    """The series with its row locked until the transaction ends, or None when another transaction has it.

    Read afresh: what the session remembers of it may be older than the lock.
    """
    statement = select(Series).where(Series.id == series_id).with_for_update(skip_locked=True)
    return session.scalar(statement.execution_options(populate_existing=True))


def lock(session: Session, series_id: int) -> Series:
    """The series with its row locked, after waiting for whoever has it."""
    statement = select(Series).where(Series.id == series_id).with_for_update()
    return session.scalars(statement.execution_options(populate_existing=True)).one()


def lock_all(session: Session, slugs: Iterable[str]) -> dict[str, Series]:
    """Those series that are there, by slug, their rows locked in the order of their ids.

    Whoever changes several series locks them all before it writes anything else that others write too: releases hold a
    series and then ask for feed work, and the other way round they would wait for each other for ever.
    """
    statement = select(Series).where(Series.slug.in_(sorted(set(slugs)))).order_by(Series.id).with_for_update()
    found = session.scalars(statement.execution_options(populate_existing=True))
    return {series.slug: series for series in found}


def new_generation(series: Series) -> None:
    """Have all archives of a series written anew under other addresses: frozen documents are never changed in place."""
    if series.archived_seq:
        series.generation, series.archived_seq = series.generation + 1, 0


def hold(session: Session, series_id: int, *, reason: str, now: datetime) -> None:
    session.execute(update(Series).where(Series.id == series_id).values(held_at=now, held_reason=reason))


def unhold(session: Session, series_id: int) -> None:
    session.execute(update(Series).where(Series.id == series_id).values(held_at=None, held_reason=None))


def held(session: Session) -> Sequence[Series]:
    return session.scalars(select(Series).where(Series.held_at.is_not(None)).order_by(Series.slug)).all()
