"""What is answered where nothing public is: former addresses lead on, and what was taken back is gone."""

from typing import NoReturn
from urllib.parse import quote

from fastapi import HTTPException
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from db import moves
from db import series as all_series
from db.states import PostState
from db.tables import Series
from web.pages import not_found
from web.site import WebSite

_KEPT = "public, max-age=3600"
"""An hour, as a slug that is free again may be given to something else."""


def elsewhere(site: WebSite, path: str) -> Response:
    """301 for what was renamed, 410 for what was taken back; else 404. `path` begins with the slug of a series."""
    slug, _, rest = path.strip("/").partition("/")
    with site.store.reading() as session:
        series = all_series.find(session, slug)
        former = moves.series_once(session, slug) if series is None else None
        if series is not None:
            return _within(site, session, series, rest)
        if former is None:
            raise not_found()
        if former.retired_at is not None:
            _gone()
        # Even where there is nothing under the new slug: this one must not tell what is planned there.
        return _to(site.addresses.series(former.slug) + _as_asked(path, rest))


def _within(site: WebSite, session: Session, series: Series, rest: str) -> Response:
    if series.retired_at is not None:
        _gone()
    kind, _, generation = rest.partition("/")
    if kind == "archive" and generation.partition("/")[0] in map(str, range(series.generation)):
        _gone()
    post = moves.post_once(session, series.id, rest)
    if post is not None and post.state == PostState.withdrawn:
        _gone()
    if post is None or post.state != PostState.released:
        raise not_found()
    return _to(site.addresses.post(series.slug, post.slug))


def _as_asked(path: str, rest: str) -> str:
    """The rest of an address with the slash that it ended with."""
    return quote(rest) + ("/" if rest and path.endswith("/") else "")


def _to(url: str) -> RedirectResponse:
    return RedirectResponse(url, status_code=301, headers={"Cache-Control": _KEPT})


def _gone() -> NoReturn:
    raise HTTPException(410)
