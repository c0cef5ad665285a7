"""The pages for what went wrong, in our words."""

from collections.abc import Callable
from http import HTTPStatus

import structlog
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from db.errors import FascicleError, PostNotFound, SeriesNotFound, StoreUnreachable
from db.said import say
from web.headers import SAFE_HEADERS
from web.pages import page_for
from web.site import WebSite

_log = structlog.get_logger(__name__)
_WORDS = {
    400: (say("Not understood"), say("What was sent could not be read. Please go back and try again.")),
    403: (
        say("Not for you"),
        say("This is not open to you, or was sent by a page of another site, so nothing was done."),
    ),
    404: (
        say("Nothing here"),
        say("No page has this address. The series and their chapters start from the first page."),
    ),
    409: (say("Not now"), say("This cannot be done as things are.")),
    405: (say("Not that way"), say("This address does not take that kind of request.")),
    410: (say("Withdrawn"), say("What was here has been taken back by its author and is not shown any more.")),
    413: (say("Too much"), say("More was sent than any form here needs, so nothing was done.")),
    429: (say("Too often"), say("Please try again later.")),
    500: (say("A fault of ours"), say("This page could not be made. It has been noted; please try again later.")),
    503: (
        say("Not just now"),
        say("The store does not answer at the moment. Please try again in a minute."),
    ),
}
_OTHER = (say("This did not work"), say("The request could not be answered."))


def add_error_pages(app: FastAPI, site: WebSite) -> None:
    """Makes the app answer every error with a page."""
    app.add_exception_handler(HTTPException, _refused(site))
    app.add_exception_handler(FascicleError, _troubled(site))
    app.add_exception_handler(Exception, _broken(site))


def error_page(request: Request, site: WebSite, status: int, message: str | None = None) -> Response:
    """In the language of whoever asks: what is told here is theirs to read, and belongs to no series."""
    title, words = _WORDS.get(status, _OTHER)
    return page_for(request, site, "web/error.html", status=status, title=title, message=message or words)


def _refused(site: WebSite) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        # Our own words; without any, starlette gives the standard's name of the status.
        named = error.detail if error.detail != HTTPStatus(error.status_code).phrase else None
        response = error_page(request, site, error.status_code, named)
        vary = response.headers["Vary"]
        response.headers.update(error.headers or {})
        response.headers["Vary"] = ", ".join(
            dict.fromkeys([vary, *(error.headers or {}).get("Vary", vary).split(", ")])
        )
        return response

    return answer


def _troubled(site: WebSite) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, error: Exception) -> Response:
        if isinstance(error, SeriesNotFound | PostNotFound):
            return error_page(request, site, 404)
        _log.error("page refused", path=request.url.path, reason=str(error))
        # What a driver says may name hosts and users; it is for the log, not for readers.
        return error_page(request, site, 503, None if isinstance(error, StoreUnreachable) else str(error))

    return answer


def _broken(site: WebSite) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, _error: Exception) -> Response:
        # Made outside of the middleware that adds the headers to all else.
        response = error_page(request, site, 500)
        response.headers.update(SAFE_HEADERS)
        return response

    return answer
