"""/robots.txt and /sitemap.xml: what programs that read sites are told."""

from datetime import datetime

from fastapi import APIRouter, Request, Response
from lxml import etree  # type: ignore[import-untyped]  # there are no stubs

from db import listings
from db.listings import Mapped
from web.conditional import unless_known
from web.pages import READS
from web.site import WebSite

_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_MOST = 45_000
"""Posts in the map, the newest: one file may name 50,000 addresses, series and tags among them."""
_NOT_FOR_PROGRAMS = ("operator/", "search", "subscribe", "confirm/", "preferences/", "unsubscribe/", "outbox/")


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/robots.txt", methods=READS)
    def robots(request: Request) -> Response:
        closed = "".join(f"Disallow: {site.addresses.path}/{part}\n" for part in _NOT_FOR_PROGRAMS)
        text = f"User-agent: *\n{closed}\nSitemap: {site.addresses.sitemap()}\n"
        return _answer(request, text.encode(), "text/plain; charset=utf-8")

    @router.api_route("/sitemap.xml", methods=READS)
    def sitemap(request: Request) -> Response:
        with site.store.reading() as session:
            posts = listings.map_of_posts(session, limit=_MOST)
            tags = [one.tag for one in listings.tags(session, limit=1000)]
        return _answer(request, _map(site, posts, tags), "application/xml")

    return router


def _answer(request: Request, body: bytes, content_type: str) -> Response:
    return unless_known(request, body, headers={"Content-Type": content_type, "Cache-Control": "no-cache"})


def _map(site: WebSite, posts: list[Mapped], tags: list[str]) -> bytes:
    root = etree.Element("urlset", nsmap={None: _SPACE})
    changed: dict[str, datetime] = {}
    for post in posts:
        changed[post.series] = max(post.changed_at, changed.get(post.series, post.changed_at))
    _add(root, site.addresses.site(), max(changed.values(), default=None))
    for series in sorted(changed):
        _add(root, site.addresses.series(series), changed[series])
    for post in posts:
        _add(root, site.addresses.post(post.series, post.slug), post.changed_at)
    for tag in tags:
        _add(root, site.addresses.tag(tag))
    document: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return document


def _add(root: etree._Element, address: str, changed: datetime | None = None) -> None:
    url = etree.SubElement(root, "url")
    etree.SubElement(url, "loc").text = address
    if changed is not None:
        etree.SubElement(url, "lastmod").text = changed.isoformat(timespec="seconds")
