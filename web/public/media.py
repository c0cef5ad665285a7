"""/media/{digest}/{name}: files of released posts."""

from fastapi import APIRouter, Request, Response

from db import public
from web.conditional import unless_known
from web.pages import READS, not_found
from web.site import WebSite

HEADERS = {
    # The digest in the address makes another file another address.
    "Cache-Control": "public, max-age=31536000, immutable",
    # An SVG is a document: opened by itself it must not run anything in the site's name.
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
}


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/media/{digest}/{name:path}", methods=READS)
    def file(digest: str, name: str, request: Request) -> Response:
        with site.store.reading() as session:
            found = public.media_file(session, digest, name)
        if found is None:
            raise not_found()
        return unless_known(request, found.body, headers={**HEADERS, "Content-Type": found.content_type})

    return router
