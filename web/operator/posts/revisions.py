"""/operator/posts/{series}/{slug}/revisions/: what a post has said, who wrote it, and what changed."""

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from db import revisions
from db.errors import BadValue
from db.tables import Post
from scheduler.wording import wording_of
from scheduler.writing import EditedMeanwhile, restore_revision
from web.auth.needs import Needs, needs
from web.forms import Fields
from web.operator.desk import Desk, person_of
from web.operator.posts.compared import Compared, compared
from web.operator.posts.finding import found
from web.pages import READS, not_found


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/posts/{series}/{slug}/revisions/", methods=READS)
    @needs(Needs.viewer)
    def show(series: str, slug: str, request: Request, a: str = "", b: str = "") -> Response:
        return _page(desk, request, series, slug, a=a, b=b)

    @router.post("/posts/{series}/{slug}/revisions/{number}/restore")
    @needs(Needs.editor)
    def restore(series: str, slug: str, number: int, request: Request, form: Fields) -> Response:
        based_on = form.get("revision", "")
        seen = int(based_on) if based_on.isascii() and based_on.isdecimal() and len(based_on) < 10 else -1
        if not 0 < number < 2**31:
            raise not_found()
        try:
            with desk.site.store.writing() as session:
                row, written = found(session, series, slug)
                actor, now = person_of(request).email, desk.site.calendar()
                saved = restore_revision(session, row, written.post.slug, number, based_on=seen, actor=actor, now=now)
        except (BadValue, EditedMeanwhile) as error:
            return _page(desk, request, series, slug, problem=str(error), status=409)
        number = saved.revision.number if saved.revision else 0
        return desk.go(f"posts/{series}/{slug}/?saved={number or 'same'}")

    return router


def _page(
    desk: Desk,
    request: Request,
    series: str,
    slug: str,
    *,
    a: str = "",
    b: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    with desk.site.store.reading() as session:
        row, (post, words) = found(session, series, slug)
        every = revisions.of_post(session, post.id)
        newer = _chosen(b, every, words.number)
        older = _chosen(a, every, max(1, newer - 1))
        diff = _diff(session, post, older, newer) if len(every) > 1 else None
    values = {"every": every, "older": older, "newer": newer, "diff": diff, "current": words}
    return desk.page(request, "posts/revisions.html", status=status, series=row, post=post, problem=problem, **values)


def _chosen(text: str, every: list[revisions.Noted], otherwise: int) -> int:
    """The number of a revision that is there."""
    numbers = {str(one.number): one.number for one in every}
    return numbers.get(text, otherwise)


def _diff(session: Session, post: Post, older: int, newer: int) -> Compared | None:
    before, after = (revisions.numbered(session, post.id, number) for number in (older, newer))
    if before is None or after is None:
        return None
    return compared(wording_of(session, before), wording_of(session, after))
