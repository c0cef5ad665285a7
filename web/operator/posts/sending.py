"""/operator/posts/-/import: a folder or a ZIP of Markdown, shown as it would be taken in, then taken in as shown."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from db import post_uploads
from db import series as all_series
from db.errors import BadValue
from db.said import say
from db.states import PostState
from db.tables import PostUpload, Series
from importers.files import TEXT_LIMIT
from importers.findings import Findings
from importers.markdown import read_folder
from importers.sent import Limits, SentFile, lay_out, unpack
from importers.values import ImportRefused, KeptFile, Place, PostSource, Problem
from importers.waiting import from_text, to_text, without_files
from scheduler.intake import Change, NewSeries, Taken, take_in
from scheduler.lint import Book, Finding, read_books
from scheduler.rehearsal import OutcomeChanged, done, rehearsed
from web.auth.needs import Needs, needs
from web.forms import Fields
from web.operator.desk import Desk, person_of
from web.operator.posts.linted import of_series
from web.operator.posts.pictures import FORGOTTEN_AFTER, keep
from web.pages import READS, not_found
from web.sent import Bounds, Sent, receiving

LIMITS = Limits()
_BOUNDS = Bounds(
    bytes=LIMITS.bytes + 2_000_000,
    files=2 * LIMITS.files,
    field=64 * 1024,
    too_much=say(
        "That is too much at once: %(files)s files and %(most)s MB are the most. "
        "Nothing was taken in. Send fewer, or use `fascicle import`, which has no such bound.",
        files=f"{LIMITS.files:,}",
        most=LIMITS.bytes // 1_000_000,
    ),
)
_TEXTS = 4 * TEXT_LIMIT
Received = Annotated[Sent, Depends(receiving(_BOUNDS))]


@dataclass(frozen=True)
class Row:
    """What becomes of one post, and what to think about before it does; `place` is where its file says so."""

    taken: Taken
    place: Place | None
    warnings: tuple[str, ...]
    lint: tuple[Finding, ...]


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/posts/-/import", methods=READS)
    @needs(Needs.editor)
    def ask(request: Request, series: str = "") -> Response:
        return _form(desk, request, series)

    @router.post("/posts/-/import")
    @needs(Needs.editor)
    def send(request: Request, sent: Received) -> Response:
        try:
            upload_id = _read(desk, request, sent)
        except ImportRefused as error:
            return _form(desk, request, sent.form.one("series"), problems=error.problems)
        return desk.go(f"posts/-/import/{upload_id}")

    @router.api_route("/posts/-/import/{upload}", methods=READS)
    @needs(Needs.editor)
    def preview(upload: int, request: Request) -> Response:
        return _preview(desk, request, upload)

    @router.post("/posts/-/import/{upload}")
    @needs(Needs.editor)
    def take(upload: int, request: Request, form: Fields) -> Response:
        return _take(desk, request, upload, form)

    return router


def _read(desk: Desk, request: Request, sent: Sent) -> int:
    """Read what was sent, keep it to be looked at, and give its number. Raises ImportRefused."""
    with desk.site.store.reading() as session:
        series = all_series.find(session, sent.form.one("series"))
    if series is None:
        raise ImportRefused((Problem(Place(say("the form"), None), say("say which series the posts belong to.")),))
    folder, archives = sent.every("folder"), sent.every("zip")
    with TemporaryDirectory(prefix="fascicle-") as place:
        name = _laid_out(folder, archives, Path(place))
        sources = tuple(_files_ahead(desk, source) for source in read_folder(Path(place)))
    text = to_text(sources)
    if len(text) > _TEXTS:
        raise ImportRefused(
            (Problem(Place(name, None), say("has more than %(most)s MB of text.", most=_TEXTS // 1_000_000)),)
        )
    now = desk.site.machine()
    with desk.site.store.writing() as session:
        return post_uploads.begin(
            session,
            operator_id=person_of(request).id,
            series_id=series.id,
            name=name,
            sources=text,
            now=now,
            before=now - FORGOTTEN_AFTER,
        )


def _laid_out(folder: Sequence[SentFile], archives: Sequence[SentFile], place: Path) -> str:
    """The files that were sent, in a folder of ours; gives the name they came by. Raises ImportRefused."""
    findings = Findings()
    if folder:
        name = folder[0].name.replace("\\", "/").partition("/")[0]
        lay_out(folder, place, limits=LIMITS, findings=findings)
    elif archives:
        name = archives[0].name
        unpack(archives[0].body, name, place, limits=LIMITS, findings=findings)
    else:
        name = ""
        findings.add(Place(say("the form"), None), say("choose a folder of Markdown files, or a ZIP of one."))
    findings.refuse()
    return name


def _files_ahead(desk: Desk, source: PostSource) -> PostSource:
    """A post whose files are in the store already, each written by itself: then taking it in is quick."""
    kept = [KeptFile(path=file.path, digest=keep(desk, file.body, file.content_type)) for file in source.media]
    return without_files(source, tuple(kept))


def _found(desk: Desk, request: Request, upload: int) -> tuple[PostUpload, Series]:
    if not 0 < upload < 2**62:
        raise not_found()
    with desk.site.store.reading() as session:
        row = post_uploads.find(session, upload, operator_id=person_of(request).id)
        if row is None:
            raise not_found()
        return row, session.get_one(Series, row.series_id)


def _preview(desk: Desk, request: Request, upload: int, *, problem: str = "", status: int = 200) -> Response:
    row, series = _found(desk, request, upload)
    sources = from_text(row.sources)
    try:
        taken, books = rehearsed(desk.site.store, lambda session: _would_be(desk, request, session, series, sources))
    except ImportRefused as error:
        return _form(desk, request, series.slug, problems=error.problems)
    except BadValue as error:
        return _form(desk, request, series.slug, problems=(Problem(Place(row.name, None), str(error)),))
    places = {source.slug: source for source in sources}
    found = of_series(desk, books, series.slug)
    mine = {one.slug: tuple(finding for finding in found if finding.post == one.slug) for one in taken}
    return desk.page(
        request,
        "posts/import_preview.html",
        status=status,
        upload=row,
        series=series,
        rows=[_row(one, places.get(one.slug), mine[one.slug]) for one in taken],
        lint=[one for one in found if one.post not in mine],
        counts={change: sum(one.change is change for one in taken) for change in Change},
        hash=_hash(taken),
        problem=problem,
    )


def _take(desk: Desk, request: Request, upload: int, form: Fields) -> Response:
    row, series = _found(desk, request, upload)
    sources = from_text(row.sources)

    def work(session: Session) -> list[Taken]:
        taken = _taken(desk, request, session, series, sources, minor="minor" in form)
        post_uploads.forget(session, row.id)
        return taken

    try:
        taken = done(desk.site.store, work, only=lambda taken: _hash(taken) == form.get("hash"))
    except OutcomeChanged:
        words = say(
            "The plan or the posts changed since this was shown. This is what would come of it now; nothing was done."
        )
        return _preview(desk, request, upload, problem=words, status=409)
    except (ImportRefused, BadValue) as error:
        return _preview(desk, request, upload, problem=str(error), status=409)
    count = sum(one.change in (Change.new, Change.changed) for one in taken)
    return desk.go(f"posts/?series={series.slug}&took={count}")


def _taken(
    desk: Desk,
    request: Request,
    session: Session,
    series: Series,
    sources: Sequence[PostSource],
    *,
    minor: bool = False,
) -> list[Taken]:
    defaults = NewSeries(desk.site.zone, desk.site.language)
    actor, now = person_of(request).email, desk.site.calendar()
    return take_in(session, sources, slug=series.slug, defaults=defaults, now=now, minor=minor, actor=actor)


def _would_be(
    desk: Desk, request: Request, session: Session, series: Series, sources: Sequence[PostSource]
) -> tuple[list[Taken], list[Book]]:
    """What would come of it, and all the plans as they would be then."""
    return _taken(desk, request, session, series, sources), read_books(session)


def _form(desk: Desk, request: Request, series: str, *, problems: Sequence[Problem] = ()) -> Response:
    with desk.site.store.reading() as session:
        kept = [one for one in all_series.all_series(session) if one.retired_at is None]
    if not kept:
        return desk.page(request, "posts/no_series.html")
    chosen = next((one for one in kept if one.slug == series), None)
    status = 422 if problems else 200
    about = {"every": kept, "chosen": chosen, "problems": problems, "limits": LIMITS}
    return desk.page(request, "posts/import.html", status=status, **about)


def _row(taken: Taken, source: PostSource | None, lint: tuple[Finding, ...]) -> Row:
    return Row(taken, source.place if source else None, tuple(_warnings(taken, source)) if source else (), lint)


def _warnings(taken: Taken, source: PostSource) -> list[str]:
    found: list[str] = []
    if taken.over is not None:
        over = say("takes the place of what %(who)s wrote here; that stays in the list of revisions", who=taken.over)
        found.append(over)
    if taken.change is Change.new and taken.state == PostState.released:
        found.append(say("is dated in the past: it comes out at once, as history, and nobody is mailed"))
    if taken.state == PostState.planned and taken.wall is None:
        found.append(say("gets no slot: the rhythm of the series has none left for it"))
    if taken.state == PostState.draft and not source.body.strip():
        found.append(say("has no text"))
    return found


def _hash(taken: Sequence[Taken]) -> str:
    """Stands for what would come of it: all that the table shows."""
    return hashlib.sha256(repr(taken).encode()).hexdigest()
