"""The documents of feeds, as they were stored: nothing is rendered here, and no row is read."""

from collections.abc import Callable
from urllib.parse import quote

import structlog
from fastapi import APIRouter, HTTPException, Request, Response

from feeds.storage import Storage, StorageRefused, Stored, cache_control, content_type, is_feed, is_frozen, is_plain
from timing.clocks import machine_now
from web.conditional import answer
from web.moved import elsewhere
from web.pages import READS
from web.site import WebSite

log = structlog.get_logger()

ADDRESSES = (
    "/feeds/all.{kind}",
    "/feeds/style.css",
    "/feeds.opml",
    "/tag/{tag}/feed.{kind}",
    "/{slug}/feed.{kind}",
    "/{slug}/archive/{generation}/{page}.atom",
)
"""Each is also the path of its document in the storage."""
_RETRY_AFTER = 30
"""Seconds; by then a storage that only hiccuped answers again."""
# Readers that run in a browser may show feeds of any site.
_FOR_SCRIPTS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Link"}


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()
    for address in ADDRESSES:
        router.add_api_route(address, _at(site, address.lstrip("/")), methods=READS)
    return router


def _at(site: WebSite, template: str) -> Callable[[Request], Response]:
    def document(request: Request) -> Response:
        path = template.format(**request.path_params)
        stored = _read(site.storage, path)
        if stored is None:
            return elsewhere(site, path)
        answered = answer(
            request,
            stored,
            content_type=content_type(path),
            cache_control=cache_control(path, seconds=site.cache_seconds),
            now=machine_now(),
            more=_FOR_SCRIPTS | _links(site, path),
        )
        if is_feed(path) and request.method == "GET":
            site.asked.note(answered.status_code, site.calendar())
        return answered

    return document


def _read(storage: Storage, path: str) -> Stored | None:
    """None also for what cannot be the path of a document; readers may still ask for it."""
    try:
        return storage.read(path) if is_plain(path) else None
    except StorageRefused as error:
        log.error("feed not served", path=path, problem=str(error))
        raise HTTPException(503, headers={"Retry-After": str(_RETRY_AFTER)}) from None


def _links(site: WebSite, path: str) -> dict[str, str]:
    """Where the feed lives, and whom to ask to be told of changes (W3C WebSub, 4); archives do not change."""
    if not is_feed(path):
        return {}
    links = [f'<{site.addresses.site()}{quote(path)}>; rel="self"']
    if site.hub and not is_frozen(path):
        links.append(f'<{site.hub}>; rel="hub"')
    return {"Link": ", ".join(links)}
