"""/operator/posts/{series}/{slug}/look/: a post as page, feed entry and letter, before anybody gets them."""

import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse

from db import public
from db.posts import Written
from db.states import LetterFormat
from db.tables import Series
from feeds.form import Form
from feeds.fragment import fragment
from feeds.ingredients import Ingredients
from feeds.preview import entry_of
from scheduler.preview import Preview, as_message, of_post
from web.auth.needs import Needs, needs
from web.conditional import unless_known
from web.operator.desk import Desk, person_of
from web.operator.posts.finding import found
from web.operator.posts.seen import FRAME, Scheme, framed, in_scheme
from web.pages import READS, not_found, page_language, spoken_page
from web.public.post import values_of
from web.style import style_of


class View(StrEnum):
    """What a post is looked at as."""

    page = "page"
    entry = "entry"
    atom = "atom"
    rss = "rss"
    json = "json"
    letter = "letter"
    text = "text"
    source = "source"


class Width(StrEnum):
    phone = "phone"
    desktop = "desktop"


class Looked(NamedTuple):
    """One post, and who looks at it."""

    session: Session
    series: Series
    written: Written
    person: str


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()
    sheet = style_of(desk.site.env)

    @router.api_route("/posts/{series}/{slug}/look/", methods=READS)
    @needs(Needs.viewer)
    def look(
        series: str, slug: str, request: Request, view: str = "page", width: str = "desktop", scheme: str = "light"
    ) -> Response:
        chosen = View(view) if view in list(View) else View.page
        with desk.site.store.reading() as session:
            row, written = found(session, series, slug)
            looked = Looked(session, row, written, person_of(request).email)
            text = None if chosen in _FRAMED else _TEXTS[chosen](desk, looked)
        return desk.page(
            request,
            "posts/look.html",
            series=row,
            post=written.post,
            words=written.words,
            view=chosen,
            width=_width(width),
            scheme=_scheme(scheme),
            text=text,
        )

    @router.api_route("/posts/{series}/{slug}/frame/{view}", methods=READS)
    @needs(Needs.viewer)
    def frame(series: str, slug: str, view: str, request: Request, scheme: str = "light") -> Response:
        if view not in _FRAMED:
            raise not_found()
        with desk.site.store.reading() as session:
            row, written = found(session, series, slug)
            html = _FRAMED[View(view)](desk, Looked(session, row, written, person_of(request).email))
        return HTMLResponse(framed(desk, html, _scheme(scheme)), headers=FRAME)

    @router.api_route("/posts/-/style/{name}", methods=READS)
    @needs(Needs.viewer)
    def style(name: str, request: Request) -> Response:
        scheme = name.removesuffix(".css")
        if scheme not in list(Scheme):
            raise not_found()
        told = in_scheme(sheet.body.decode(), Scheme(scheme)).encode()
        headers = {"Content-Type": "text/css; charset=utf-8", "Cache-Control": "private, no-cache"}
        return unless_known(request, told, headers=headers)

    return router


def _scheme(text: str) -> Scheme:
    return Scheme(text) if text in list(Scheme) else Scheme.light


def _width(text: str) -> Width:
    return Width(text) if text in list(Width) else Width.desktop


def _page(desk: Desk, looked: Looked) -> str:
    session, series, (post, words), _ = looked
    found = public.as_if_out(session, series, post, words, now=desk.site.calendar())
    values: dict[str, Any] = values_of(desk.site, found)
    language = page_language(desk.site, series.language)
    return bytes(spoken_page(desk.site, "web/post.html", language, **values).body).decode()


def _entry(desk: Desk, looked: Looked) -> str:
    """As a reader of feeds shows it: without any style but the entry's own."""
    entry = _of_feed(desk, looked).entry()
    values = {"entry": entry, "language": looked.series.language}
    return desk.site.env.get_template("web/operator/posts/entry.html").render(values)


def _encoded(form: Form) -> Callable[[Desk, Looked], str]:
    def encoded(desk: Desk, looked: Looked) -> str:
        body = fragment(form, _of_feed(desk, looked).entry()).decode()
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False) if form is Form.JSON else body

    return encoded


def _of_feed(desk: Desk, looked: Looked) -> Ingredients:
    post = looked.written.post
    at = post.due_at or desk.site.calendar()
    return entry_of(looked.session, desk.site.publication, looked.series, post, at=at)


def _letter(desk: Desk, looked: Looked) -> Preview:
    site, slug = desk.site, looked.written.post.slug
    series, form = looked.series.slug, LetterFormat.html
    return of_post(site.house, looked.session, series, slug, language=site.language, form=form, now=site.calendar())


def _html(desk: Desk, looked: Looked) -> str:
    return _letter(desk, looked).shown.html or ""


def _text(desk: Desk, looked: Looked) -> str:
    return _letter(desk, looked).shown.text


def _source(desk: Desk, looked: Looked) -> str:
    to, at = looked.person, desk.site.machine()
    return as_message(desk.site.house, _letter(desk, looked), to, at=at, mark="").decode("utf-8", "replace")


_FRAMED: dict[View, Callable[[Desk, Looked], str]] = {View.page: _page, View.entry: _entry, View.letter: _html}
_TEXTS: dict[View, Callable[[Desk, Looked], str]] = {
    View.atom: _encoded(Form.ATOM),
    View.rss: _encoded(Form.RSS),
    View.json: _encoded(Form.JSON),
    View.text: _text,
    View.source: _source,
}
