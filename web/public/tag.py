"""/tag/ and /tag/{tag}/: what is out with a tag, over all series."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from db import listings, tags
from web.pages import READS, not_found, public_page
from web.site import WebSite


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/tag/", methods=READS)
    def every(request: Request) -> Response:
        with site.store.reading() as session:
            found = listings.tags(session)
        return public_page(request, site, "web/tags.html", tags=found)

    @router.api_route("/tag/{tag}/", methods=READS)
    def show(tag: str, request: Request) -> Response:
        with site.store.reading() as session:
            posts = listings.with_tag(session, tag)
            name = tags.name_of(session, tag)
        # A tag that only planned posts have must look like one that nobody ever wrote.
        if not posts or name is None:
            raise not_found()
        return public_page(request, site, "web/tag.html", tag=tag, name=name, posts=posts)

    @router.api_route("/tag/{tag}", methods=READS)
    def with_slash(tag: str) -> Response:
        return RedirectResponse(site.addresses.tag(tag), status_code=308)

    return router
