"""Builds the web application of a site."""

from fastapi import FastAPI

from web.errors import add_error_pages
from web.headers import Below, SafeHeaders
from web.public import (
    archive,
    calendar,
    catch_up,
    feeds,
    health,
    media,
    outbox,
    post,
    robots,
    search,
    series,
    static,
    tag,
    unsubscribe,
)
from web.public import site as first_page
from web.site import WebSite

__all__ = ["WebSite", "build_app"]

# The pages of series and posts come last: their addresses match nearly anything.
_PAGES = (
    static, health, robots, feeds, catch_up, calendar, media, unsubscribe, outbox, tag, archive, search, first_page,
    series, post,
)  # fmt: skip


def build_app(site: WebSite) -> FastAPI:
    """The application; it starts no threads and holds nothing but what `site` gives it."""
    app = FastAPI(title=site.title, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    for module in _PAGES:
        app.include_router(module.routes(site))
    add_error_pages(app, site)
    app.add_middleware(Below, root=site.addresses.path)
    app.add_middleware(SafeHeaders)
    return app
