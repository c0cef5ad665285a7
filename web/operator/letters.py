"""/operator/letter/: a letter to look at before anybody gets it, or as it was sent; and one on trial to oneself.

Which one a request says: `post=SERIES/SLUG`, `edition=ID` of the ledger, or `on=DATE` with the `key` of an edition to
come and the `posts` that it carries (scheduler/coming_letter.py).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, PlainTextResponse

from db import editions, throttles
from db.errors import BadValue
from db.said import say
from db.states import LetterFormat
from scheduler import coming_letter, trial
from scheduler.cadence.dates import parse_date
from scheduler.coming_letter import Wanted
from scheduler.preview import Preview, of_edition, of_post
from web.auth.needs import Needs, needs
from web.forms import Fields
from web.operator.desk import HEADERS, Desk, person_of
from web.pages import READS

NAMES = ("post", "edition", "on", "key", "posts")
TRIALS = 20
"""So many letters on trial may be sent to one operator in an hour."""
AN_HOUR = timedelta(hours=1)
_T = TypeVar("_T")
# A letter's style stands in it; its links must open elsewhere than in its frame.
_FRAME = HEADERS | {
    "Content-Security-Policy": "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src 'self' https: data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}


class TooMany(BadValue):
    """More letters on trial than may be sent."""


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/letter/", methods=READS)
    @needs(Needs.viewer)
    def show(request: Request) -> Response:
        asked = _asked(request.query_params)
        preview, problem = _tried(lambda: _looked_at(desk, asked))
        seen = preview.shown if preview else None
        status = 200 if preview else 422
        return desk.page(request, "letter.html", status=status, seen=seen, asked=asked, problem=problem)

    @router.api_route("/letter/frame", methods=READS)
    @needs(Needs.viewer)
    def frame(request: Request) -> Response:
        preview, problem = _tried(lambda: _looked_at(desk, _asked(request.query_params)))
        if preview is None or preview.shown.html is None:
            return PlainTextResponse(preview.shown.text if preview else problem, headers=_FRAME)
        html = preview.shown.html.replace("<head>", '<head><base target="_blank">', 1)
        return HTMLResponse(html, headers=_FRAME)

    @router.post("/letter/test")
    @needs(Needs.editor)
    def test(request: Request, form: Fields) -> Response:
        asked = _asked(form)
        try:
            return desk.go(f"editions/{_sent(desk, asked, person_of(request).email)}/")
        except BadValue as error:
            status = 429 if isinstance(error, TooMany) else 422
            return desk.page(request, "letter.html", status=status, seen=None, asked=asked, problem=str(error))

    return router


def _asked(said: object) -> dict[str, str]:
    get = getattr(said, "get")  # noqa: B009 - of a form, or of a query
    return {name: str(get(name)).replace("\0", "\ufffd") for name in NAMES if get(name)}


def _tried(step: Callable[[], _T]) -> tuple[_T | None, str]:
    try:
        return step(), ""
    except BadValue as error:
        return None, str(error)


def _looked_at(desk: Desk, asked: dict[str, str]) -> Preview:
    with desk.site.store.reading() as session:
        return _chosen(desk, session, asked)


def _chosen(desk: Desk, session: Session, asked: dict[str, str]) -> Preview:
    """Raises BadValue for what is no letter, PostNotFound, SeriesNotFound."""
    site, now = desk.site, desk.site.calendar()
    if "post" in asked:
        series, _, slug = asked["post"].partition("/")
        form = LetterFormat.html
        return of_post(site.house, session, series, slug, language=site.language, form=form, now=now)
    if "edition" in asked:
        row = editions.by_id(session, _number(asked["edition"]))
        if row is None:
            raise BadValue(say("this edition is not there; the page Editions shows those there are"))
        found = of_edition(site.house, session, row.key, None)
        # Whose it is is not for everybody who may see it.
        return replace(found, values=found.values | {"name": ""})
    if "on" in asked:
        stretches = coming_letter.read(asked.get("posts", ""))
        wanted = Wanted(parse_date(asked["on"]), asked.get("key", ""), stretches)
        return coming_letter.letter_of(
            site.house, session, wanted, now=now, zone=site.zone, rules=site.rules, language=site.language
        )
    raise BadValue(say("say which letter: of a post, of an edition, or of a day to come"))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise BadValue(say("%(written)s is not a number", written=text[:20]))
    return int(text)


def _sent(desk: Desk, asked: dict[str, str], to: str) -> int:
    """Send it to an operator; gives the id of its edition. Raises TooMany, and BadValue for what is no letter."""
    site = desk.site
    preview = _looked_at(desk, asked)
    with site.store.writing() as session:
        if not throttles.allow(session, f"trial:{to}", most=TRIALS, every=AN_HOUR, now=site.machine()):
            raise TooMany(say("%(most)s letters on trial an hour are the most; wait a while", most=TRIALS))
        key = trial.send(session, site.house, preview, to, site.moment(), language=site.language)
        return editions.by_key(session, key).id
