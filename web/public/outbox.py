"""/outbox/: the letters that a demo sent, for looking at."""

from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse

from web.letters import Letter, newest_letters, read_letter
from web.pages import READS, not_found, page_for
from web.site import WebSite

# A letter's HTML is mail: inline styles, and links that must open elsewhere than in its frame.
_FRAME = "sandbox allow-popups allow-popups-to-escape-sandbox"
_HTML_POLICY = (
    f"{_FRAME}; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def routes(site: WebSite) -> APIRouter:
    """No routes at all when the site shows no outbox."""
    router = APIRouter()
    if site.outbox is not None:
        _add_list(router, site, site.outbox)
        for tab in ("html", "text", "source"):
            _add_tab(router, site, folder=site.outbox, tab=tab)
        _add_frame(router, site.outbox)
    return router


def _add_list(router: APIRouter, site: WebSite, folder: Path) -> None:
    @router.api_route("/outbox/", methods=READS)
    def letters(request: Request) -> Response:
        return page_for(request, site, "web/outbox.html", letters=newest_letters(folder), zone=site.zone)


def _add_tab(router: APIRouter, site: WebSite, *, folder: Path, tab: str) -> None:
    @router.api_route(f"/outbox/{{name}}/{'' if tab == 'html' else tab}", methods=READS)
    def show(name: str, request: Request) -> Response:
        letter = _found(folder, name)
        return page_for(request, site, "web/outbox_letter.html", letter=letter, tab=tab, zone=site.zone)


def _add_frame(router: APIRouter, folder: Path) -> None:
    @router.api_route("/outbox/{name}/frame", methods=READS)
    def frame(name: str) -> Response:
        html = _found(folder, name).html.replace("<head>", '<head><base target="_blank">', 1)
        headers = {"Content-Security-Policy": _HTML_POLICY, "Cache-Control": "no-cache"}
        return HTMLResponse(html, headers=headers)


def _found(folder: Path, name: str) -> Letter:
    letter = read_letter(folder, name)
    if letter is None:
        raise not_found()
    return letter
