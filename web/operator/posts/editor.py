"""/operator/posts/{series}/{slug}/: the words of a post, and how they look."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from db import media, revisions
from db import series as all_series
from db.errors import BadValue
from db.posts import Written
from db.said import say, say_side_by_side
from db.tables import Revision, Series
from importers.files import IMAGE_LIMIT, TEXT_LIMIT
from importers.findings import Findings
from scheduler.wording import wording_of
from scheduler.writing import EditedMeanwhile, Manuscript, create, save
from web.auth.needs import Needs, needs
from web.operator.desk import Desk, person_of
from web.operator.mends import mends_of
from web.operator.posts.compared import Compared, compared
from web.operator.posts.finding import found
from web.operator.posts.linted import of_editor
from web.operator.posts.pictures import taken_in
from web.operator.posts.seen import with_files
from web.operator.posts.sheet import Sheet, manuscript_of, sent_sheet, sheet_of, showing, warnings_of
from web.pages import READS
from web.public.post import body_html
from web.sent import Bounds, Sent, receiving

AT_ONCE = 20
_BOUNDS = Bounds(
    bytes=3 * IMAGE_LIMIT,
    files=AT_ONCE,
    field=TEXT_LIMIT,
    too_much=say(
        "That is too much at once: a text of %(words)s MB, %(pictures)s pictures and %(most)s MB in all are the most. "
        "Go back: your text is still there. Send fewer pictures.",
        words=TEXT_LIMIT // 1_000_000,
        pictures=AT_ONCE,
        most=3 * IMAGE_LIMIT // 1_000_000,
    ),
)
Received = Annotated[Sent, Depends(receiving(_BOUNDS))]


@dataclass(frozen=True)
class Shown:
    """The editor over one post of a series, or over one to come; with what is to be said of it."""

    series: Series
    sheet: Sheet
    written: Written | None = None
    problems: tuple[str, ...] = ()
    conflict: "Conflict | None" = None


@dataclass(frozen=True)
class Conflict:
    """Somebody else was faster: what they changed, and how theirs differs from what is in the editor."""

    now: Revision
    theirs: Compared
    mine: Compared


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/posts/-/new", methods=READS)
    @needs(Needs.editor)
    def new(request: Request, series: str = "") -> Response:
        with desk.site.store.reading() as session:
            kept = [one for one in all_series.all_series(session) if one.retired_at is None]
        chosen = next((one for one in kept if one.slug == series), kept[0] if kept else None)
        if chosen is None:
            return desk.page(request, "posts/no_series.html")
        return _page(desk, request, Shown(chosen, Sheet(files={})), every=kept)

    @router.post("/posts/-/new")
    @needs(Needs.editor)
    def write(request: Request, sent: Received) -> Response:
        return _new(desk, request, sent)

    @router.api_route("/posts/{series}/{slug}/", methods=READS)
    @needs(Needs.viewer)
    def show(series: str, slug: str, request: Request, saved: str = "") -> Response:
        with desk.site.store.reading() as session:
            row, written = found(session, series, slug)
            sheet = sheet_of(session, written)
        return _page(desk, request, Shown(row, sheet, written), saved=saved)

    @router.post("/posts/{series}/{slug}/")
    @needs(Needs.editor)
    def change(series: str, slug: str, request: Request, sent: Received) -> Response:
        return _change(desk, request, series, slug, sent)

    return router


def _new(desk: Desk, request: Request, sent: Sent) -> Response:
    sheet, problems = _received(desk, sent)
    with desk.site.store.reading() as session:
        series = all_series.by_slug(session, sent.form.one("series"))
        kept = [one for one in all_series.all_series(session) if one.retired_at is None]
    shown = Shown(series, sheet, problems=tuple(problems))
    if sent.form.one("do") != "save" or problems:
        return _page(desk, request, shown, every=kept, status=422 if problems else 200)
    try:
        with desk.site.store.writing() as session:
            manuscript = _checked(sheet)
            create(session, series, manuscript, actor=person_of(request).email, now=desk.site.calendar())
    except BadValue as error:
        return _page(desk, request, replace(shown, problems=(str(error),)), every=kept, status=422)
    return desk.go(f"posts/{series.slug}/{manuscript.slug}/?saved=1")


def _change(desk: Desk, request: Request, series: str, slug: str, sent: Sent) -> Response:
    sheet, problems = _received(desk, sent)
    with desk.site.store.reading() as session:
        row, written = found(session, series, slug, post_id=sent.form.one("post"))
    shown = Shown(row, sheet, written, tuple(problems))
    if sent.form.one("do") != "save" or problems:
        return _page(desk, request, shown, status=422 if problems else 200)
    try:
        return _saved(desk, request, shown)
    except EditedMeanwhile as error:
        return _page(desk, request, _in_conflict(desk, shown, error), status=409)
    except BadValue as error:
        return _page(desk, request, replace(shown, problems=(str(error),)), status=422)


def _saved(desk: Desk, request: Request, shown: Shown) -> Response:
    assert shown.written is not None
    manuscript, sheet = _checked(shown.sheet), shown.sheet
    with desk.site.store.writing() as session:
        saved = save(
            session,
            shown.series,
            shown.written.post.slug,
            manuscript,
            based_on=sheet.revision,
            minor=sheet.minor,
            actor=person_of(request).email,
            now=desk.site.calendar(),
        )
    if sheet.tell:
        return desk.go(f"posts/{shown.series.slug}/{saved.post.slug}/tell/")
    number = saved.revision.number if saved.revision else "same"
    return desk.go(f"posts/{shown.series.slug}/{saved.post.slug}/?saved={number}")


def _received(desk: Desk, sent: Sent) -> tuple[Sheet, list[str]]:
    """What was sent, its pictures in the store already: whatever becomes of the rest, they are not lost."""
    problems: list[str] = []
    sheet = sent_sheet(sent.form)
    new = taken_in(desk, sent.every("pictures"), sheet.files, problems)
    with desk.site.store.reading() as session:
        there = media.kept(session, sheet.files.values())
    files = {path: digest for path, digest in sheet.files.items() if digest in there}
    return showing(replace(sheet, files=files), new), problems


def _checked(sheet: Sheet) -> Manuscript:
    """Raises BadValue with all that keeps it from being saved."""
    findings = Findings()
    manuscript = manuscript_of(sheet, findings)
    if findings.problems:
        raise BadValue(say_side_by_side(findings.messages))
    return manuscript


def _in_conflict(desk: Desk, shown: Shown, error: EditedMeanwhile) -> Shown:
    assert shown.written is not None
    mine = manuscript_of(shown.sheet, Findings()).wording
    with desk.site.store.reading() as session:
        newest = revisions.numbered(session, shown.written.post.id, error.number)
        assert newest is not None
        now = wording_of(session, newest)
        begun = revisions.numbered(session, shown.written.post.id, shown.sheet.revision)
        before = wording_of(session, begun) if begun else now
    conflict = Conflict(newest, compared(before, now), compared(now, mine))
    return replace(shown, sheet=replace(shown.sheet, revision=newest.number), conflict=conflict)


def _page(desk: Desk, request: Request, shown: Shown, *, status: int = 200, **more: Any) -> Response:  # noqa: ANN401 - values of a template
    alone = request.headers.get("hx-request") is not None
    template = "posts/as_page.html" if alone else "posts/editor.html"
    with desk.site.store.reading() as session:
        files = media.kept(session, shown.sheet.files.values())
        lint = of_editor(desk, session, shown.series.slug, shown.written, shown.sheet)
    values = {"saved": "", "every": [], "files": files, "now": desk.site.calendar(), "at_once": AT_ONCE}
    values |= {"lint": lint, "mendable": [one for one in lint if mends_of(one)]}
    about = _looks(desk, shown) | {"shown": shown, "sheet": shown.sheet, "series": shown.series}
    return desk.page(request, template, status=status, **(values | about | more))


def _looks(desk: Desk, shown: Shown) -> dict[str, Any]:
    """The text as the page of its post has it, and what is wrong with it."""
    sheet = shown.sheet
    address = desk.site.addresses.post(shown.series.slug, sheet.slug or "new")
    html = body_html(desk.site, sheet.body, address=address, files=sheet.files)
    return {"html": with_files(desk, html), "warnings": warnings_of(sheet)}
