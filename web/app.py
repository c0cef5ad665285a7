"""Builds the web application of a site."""

from fastapi import FastAPI

from web.auth.needs import Needs, needs
from web.errors import add_error_pages
from web.headers import Below, SafeHeaders
from web.operator.application import add_operator
from web.public import (
    archive,
    calendar,
    catch_up,
    confirm,
    feeds,
    health,
    letter,
    media,
    outbox,
    post,
    preferences,
    robots,
    search,
    series,
    static,
    subscribe,
    tag,
    unsubscribe,
)
from web.public import site as first_page
from web.site import WebSite

__all__ = ["WebSite", "build_app"]

# Pages for everybody. Those of series and posts come last: their addresses match nearly anything.
_PAGES = (
    static, health, robots, feeds, catch_up, calendar, media, letter, subscribe, confirm, preferences, unsubscribe,
    outbox, tag, archive, search, first_page, series, post,
)  # fmt: skip


def build_app(site: WebSite) -> FastAPI:
    """The application; it starts no threads and holds nothing but what `site` gives it."""
    app = FastAPI(title=site.title, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    add_operator(app, site)
    for module in _PAGES:
        router = module.routes(site)
        for route in router.routes:
            needs(Needs.nothing)(getattr(route, "endpoint"))  # noqa: B009 - routes in general have none
        app.include_router(router)
    add_error_pages(app, site)
    app.add_middleware(Below, root=site.addresses.path)
    app.add_middleware(SafeHeaders)
    return app
