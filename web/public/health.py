"""/healthz: for those who watch over the program."""

from fastapi import APIRouter
from starlette.responses import JSONResponse

from web.pages import READS
from web.site import WebSite


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/healthz", methods=READS)
    def health() -> JSONResponse:
        found = dict(site.health())
        status = 503 if found.get("ok") is False else 200
        return JSONResponse(found, status_code=status, headers={"Cache-Control": "no-store"})

    return router
