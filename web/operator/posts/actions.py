"""/operator/posts/{series}/{slug}/withdraw and …/restore: taking back what is out, and putting it back."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from db.errors import BadValue
from db.said import say
from scheduler import correct
from web.auth.needs import Needs, needs
from web.operator.desk import Desk, person_of
from web.operator.posts.finding import found


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.post("/posts/{series}/{slug}/withdraw")
    @needs(Needs.editor)
    def withdraw(series: str, slug: str, request: Request) -> Response:
        return _do(desk, request, series, slug, what=correct.withdraw, said="withdrawn")

    @router.post("/posts/{series}/{slug}/restore")
    @needs(Needs.editor)
    def restore(series: str, slug: str, request: Request) -> Response:
        return _do(desk, request, series, slug, what=correct.restore, said="restored")

    return router


def _do(desk: Desk, request: Request, series: str, slug: str, *, what: Callable[..., None], said: str) -> Response:
    try:
        with desk.site.store.writing() as session:
            row, written = found(session, series, slug)
            what(session, row, written.post.slug, actor=person_of(request).email, now=desk.site.calendar())
    except BadValue as error:
        return desk.page(request, "notice.html", status=409, title=say("That cannot be"), message=str(error))
    return desk.go(f"posts/{series}/{slug}/?saved={said}")
