"""/operator/posts/-/media/…: pictures as operators see them before readers may, and taking new ones in."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import timedelta
from pathlib import PurePosixPath

from fastapi import APIRouter, Request, Response

from db import media
from db.said import say
from importers.files import IMAGE_LIMIT
from importers.findings import shown
from importers.pictures import ending_of, kind_of
from importers.sent import SentFile
from text.addresses import slugify
from web.auth.needs import Needs, needs
from web.conditional import unless_known
from web.operator.desk import Desk
from web.pages import READS, not_found
from web.public.media import HEADERS

FORGOTTEN_AFTER = timedelta(days=7)
"""So long a file waits for a post that shows it."""


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/posts/-/media/{digest}/{name:path}", methods=READS)
    @needs(Needs.viewer)
    def file(digest: str, name: str, request: Request) -> Response:
        del name
        with desk.site.store.reading() as session:
            found = media.find(session, digest)
        if found is None:
            raise not_found()
        kept = {"Cache-Control": "private, no-cache", "Content-Type": found.content_type}
        return unless_known(request, found.body, headers={**HEADERS, **kept})

    return router


def taken_in(desk: Desk, files: Iterable[SentFile], known: Collection[str], problems: list[str]) -> dict[str, str]:
    """Pictures that somebody sent, into the store: their paths, none of which is known yet, with their digests."""
    found: dict[str, str] = {}
    for file in files:
        body, name = file.body.read(IMAGE_LIMIT + 1), shown(file.name)
        kind = kind_of(body) if len(body) <= IMAGE_LIMIT else None
        if len(body) > IMAGE_LIMIT:
            problems.append(
                say("%(file)s has more than %(most)s MB; make it smaller.", file=name, most=IMAGE_LIMIT // 1_000_000)
            )
        elif kind is None:
            problems.append(say("%(file)s is no picture: PNG, JPEG, GIF, WebP, AVIF and SVG are.", file=name))
        else:
            path = _path(file.name, kind, {*known, *found})
            found[path] = keep(desk, body, kind)
    return found


def keep(desk: Desk, body: bytes, content_type: str) -> str:
    """A file into the store, by itself; those that nothing came to show in a week go at this occasion."""
    digest = hashlib.sha256(body).hexdigest()
    now = desk.site.machine()
    with desk.site.store.writing() as session:
        media.sweep(session, before=now - FORGOTTEN_AFTER)
        media.keep(session, digest=digest, content_type=content_type, body=body, uploaded_at=now)
    return digest


def _path(name: str, content_type: str, taken: Collection[str]) -> str:
    """A name that an address can carry, with the ending that belongs to its bytes."""
    stem, ending = slugify(PurePosixPath(name.replace("\\", "/")).stem), ending_of(content_type)
    numbered = (f"{stem}{'' if at == 1 else f'-{at}'}{ending}" for at in range(1, len(taken) + 2))
    return next(path for path in numbered if path not in taken)
