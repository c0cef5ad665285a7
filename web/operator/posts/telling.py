"""/operator/posts/{series}/{slug}/tell/: a note to those whose letter has earlier words; how many is shown first."""

from collections.abc import Mapping

import structlog
from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask

from db import editions
from db.corrections import Holders
from db.errors import BadValue, FascicleError
from db.said import say
from db.states import STOPPED_EDITIONS, PostState
from db.tables import Edition
from scheduler.corrections import LONGEST_NOTE, Correction, holders, look_up, tell
from scheduler.naming import named
from scheduler.steer import By
from web.auth.needs import Needs, needs
from web.forms import Fields
from web.operator.desk import Desk, person_of
from web.operator.posts.finding import found
from web.pages import READS

log = structlog.get_logger()
_ANY = "-"
"""Stands for a note where one only looks."""


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/posts/{series}/{slug}/tell/", methods=READS)
    @needs(Needs.viewer)
    def show(series: str, slug: str, request: Request, sent: str = "") -> Response:
        return _page(desk, request, series, slug, sent=bool(sent))

    @router.post("/posts/{series}/{slug}/tell/")
    @needs(Needs.editor)
    def send(series: str, slug: str, request: Request, form: Fields) -> Response:
        note = form.get("note", "")
        try:
            correction = _asked(desk, series, slug, form, note)
        except BadValue as error:
            return _page(desk, request, series, slug, note=note, problem=str(error), status=422)
        by = By(person_of(request).email, desk.site.machine(), correction.note)
        answer = desk.go(f"posts/{series}/{slug}/tell/?sent=1")
        # Readers may be very many, and the answer must not wait for them. Interrupted and asked for again, it goes on.
        answer.background = BackgroundTask(_tell, desk, correction, by)
        return answer

    return router


def _asked(desk: Desk, series: str, slug: str, form: Mapping[str, str], note: str) -> Correction:
    """What somebody asked for. Raises BadValue unless it is over what they saw, and may be sent at all."""
    health = desk.site.health()
    if not health.get("ok"):
        raise BadValue(str(health.get("problem")))
    with desk.site.store.reading() as session:
        row, written = found(session, series, slug)
        if form.get("revision") != str(written.words.number):
            raise BadValue(say("the words have changed since this was shown; look again and decide anew"))
        correction = look_up(session, row.slug, written.post.slug, note=note)
        if not holders(session, correction).to_tell:
            raise BadValue(say("nobody has to be told: nobody holds earlier words who was not told"))
        edition = _edition(session, correction)
    if edition is not None and edition.state in STOPPED_EDITIONS:
        raise BadValue(
            say(
                "these letters are %(state)s; paused ones can be resumed among the editions", state=named(edition.state)
            )
        )
    return correction


def _tell(desk: Desk, correction: Correction, by: By) -> None:
    try:
        tell(desk.site.store, desk.site.house, correction, by, now=desk.site.calendar())
    except FascicleError as error:
        log.error("correction letters not written", edition=correction.key, reason=str(error))


def _page(
    desk: Desk,
    request: Request,
    series: str,
    slug: str,
    *,
    sent: bool = False,
    note: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    who, edition = Holders(), None
    with desk.site.store.reading() as session:
        row, (post, words) = found(session, series, slug)
        if post.state == PostState.released:
            correction = look_up(session, row.slug, post.slug, note=_ANY)
            who, edition = holders(session, correction), _edition(session, correction)
    about = {"series": row, "post": post, "words": words, "who": who, "edition": edition}
    said = {"sent": sent, "note": note, "problem": problem, "longest": LONGEST_NOTE}
    return desk.page(request, "posts/tell.html", status=status, **about, **said)


def _edition(session: Session, correction: Correction) -> Edition | None:
    return editions.by_key(session, correction.key) if editions.is_there(session, correction.key) else None
