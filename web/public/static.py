"""/static/style.css and /static/zone.js"""

from fastapi import APIRouter, Request, Response

from web.conditional import unless_known
from web.pages import READS
from web.script import zone_script_of
from web.site import WebSite
from web.style import style_of


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/static/style.css", methods=READS)
    def style(request: Request, v: str = "") -> Response:
        sheet = style_of(site.env)
        return _asset(request, sheet.body, "text/css", current=v == sheet.version)

    @router.api_route("/static/zone.js", methods=READS)
    def zone(request: Request, v: str = "") -> Response:
        script = zone_script_of(site.env)
        return _asset(request, script.body, "text/javascript", current=v == script.version)

    return router


def _asset(request: Request, body: bytes, content_type: str, *, current: bool) -> Response:
    # Only the address that names these very bytes may be kept for ever.
    cache = "public, max-age=31536000, immutable" if current else "no-cache"
    headers = {"Content-Type": f"{content_type}; charset=utf-8", "Cache-Control": cache}
    return unless_known(request, body, headers=headers)
