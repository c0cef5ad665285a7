"""/{series}/catch-up/{token}.atom: one reader's own feed, made when it is asked for; being asked moves nothing."""

import hashlib
from datetime import datetime, timedelta

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse

from db import catch_up_feeds, moves, tokens
from db.tables import CatchUpFeed, Series
from feeds.catch_up import CatchUpWriter, Made
from feeds.storage import Stored, cache_control, content_type
from feeds.storage.twins import twin_of
from mail.tokens import CATCH_UP
from scheduler.catch_up_edits import how_far
from scheduler.catch_up_feed import Reached, holding_of
from timing.clocks import machine_now
from web.accepting import Coding, accepted
from web.conditional import answer
from web.pages import READS, not_found
from web.site import WebSite

_LONGEST = timedelta(hours=1)
"""An answer is kept until the next step, but no longer: posts may be edited, and a step asked for at once."""
_TYPE = content_type("feed.atom")
# The address is a key. Readers that run in a browser may show feeds of any site.
_PRIVATE = {"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer", "Access-Control-Allow-Origin": "*"}
_SECOND = timedelta(seconds=1)


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()
    writer = CatchUpWriter(site.store, site.publication)

    @router.api_route("/{slug}/catch-up/{token}.atom", methods=READS)
    def feed(request: Request, slug: str, token: str) -> Response:
        now = site.calendar()
        with site.store.reading() as session:
            mine, series = _proved(site, session, token)
            url = site.addresses.catch_up(series.slug, token)
            if series.retired_at is not None:
                raise HTTPException(410, headers=_PRIVATE | {"Cache-Control": "private, no-cache"})
            if series.slug != slug:
                return _moved(session, series, slug, url)
            far = how_far(session, mine, now=now)
        made = writer.atom(mine, series, url, holding_of(far))
        answered = answer(
            request,
            _stored(request, made),
            content_type=_TYPE,
            cache_control=_kept(site, far, now),
            now=machine_now(),
            more=_PRIVATE | {"Link": f'<{url}>; rel="self"'},
        )
        if request.method == "GET":
            site.asked.note(answered.status_code, now)
        return answered

    return router


def _proved(site: WebSite, session: Session, token: str) -> tuple[CatchUpFeed, Series]:
    """The feed that a token speaks for. Of one that is wrong, or was revoked, nothing is told: 404."""
    subject = site.tokens.subject_of(token)
    found = None if subject is None else catch_up_feeds.find(session, subject)
    if subject is None or found is None or found[0].revoked_at is not None:
        raise not_found()
    if not site.tokens.proves(token, CATCH_UP, subject, tokens.counter(session, CATCH_UP, subject)):
        raise not_found()
    return found


def _moved(session: Session, series: Series, slug: str, url: str) -> Response:
    """301 from where the series was once; from anywhere else, 404."""
    former = moves.series_once(session, slug)
    if former is None or former.id != series.id:
        raise not_found()
    return RedirectResponse(url, status_code=301, headers=_PRIVATE | {"Cache-Control": "private, max-age=3600"})


def _stored(request: Request, made: Made) -> Stored:
    """With its compressed twin for those who may want it, and dated by the next whole second, as HTTP has no others."""
    twin = twin_of(made.body) if Coding.gzip in accepted(request.headers) else None
    whole = made.changed.replace(microsecond=0)
    modified = whole if whole == made.changed else whole + _SECOND
    return Stored(made.body, twin, hashlib.sha256(made.body).hexdigest(), modified)


def _kept(site: WebSite, far: Reached, now: datetime) -> str:
    """A feed that is live may be kept as long as any live feed: when the next post comes out is not told."""
    if far.joined_at is not None:
        return f"private, {cache_control('feed.atom', seconds=site.cache_seconds).removeprefix('public, ')}"
    until = _LONGEST if far.next_due is None else min(far.next_due - now, _LONGEST)
    return f"private, max-age={until // _SECOND}"
