"""/static/style.css"""

from fastapi import APIRouter, Request, Response

from web.conditional import unless_known
from web.pages import READS
from web.site import WebSite
from web.style import style_of


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/static/style.css", methods=READS)
    def style(request: Request, v: str = "") -> Response:
        sheet = style_of(site.env)
        # Only the address that names these very bytes may be kept for ever.
        cache = "public, max-age=31536000, immutable" if v == sheet.version else "no-cache"
        headers = {"Content-Type": "text/css; charset=utf-8", "Cache-Control": cache}
        return unless_known(request, sheet.body, headers=headers)

    return router
