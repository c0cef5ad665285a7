"""The pages for what went wrong, in our words."""

from collections.abc import Callable
from http import HTTPStatus

import structlog
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from db.errors import FascicleError, PostNotFound, SeriesNotFound, StoreUnreachable
from web.headers import SAFE_HEADERS
from web.pages import page
from web.site import WebSite

_log = structlog.get_logger(__name__)
_WORDS = {
    400: ("Not understood", "What was sent could not be read. Please go back and try again."),
    403: (
        "Not for you",
        "This is not open to you, or was sent by a page of another site, so nothing was done.",
    ),
    404: ("Nothing here", "No page has this address. The series and their chapters start from the first page."),
    409: ("Not now", "This cannot be done as things are."),
    405: ("Not that way", "This address does not take that kind of request."),
    410: ("Withdrawn", "What was here has been taken back by its author and is not shown any more."),
    413: ("Too much", "More was sent than any form here needs, so nothing was done."),
    429: ("Too often", "Please try again later."),
    500: ("A fault of ours", "This page could not be made. It has been noted; please try again later."),
    503: ("Not just now", "The store does not answer at the moment. Please try again in a minute."),
}


def add_error_pages(app: FastAPI, site: WebSite) -> None:
    """Makes the app answer every error with a page."""
    app.add_exception_handler(HTTPException, _refused(site))
    app.add_exception_handler(FascicleError, _troubled(site))
    app.add_exception_handler(Exception, _broken(site))


def error_page(site: WebSite, status: int, message: str | None = None) -> Response:
    title, words = _WORDS.get(status, ("This did not work", "The request could not be answered."))
    return page(site, "web/error.html", status=status, title=title, message=message or words)


def _refused(site: WebSite) -> Callable[[Request, Exception], Response]:
    def answer(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        # Our own words; without any, starlette gives the standard's name of the status.
        named = error.detail if error.detail != HTTPStatus(error.status_code).phrase else None
        response = error_page(site, error.status_code, named)
        response.headers.update(error.headers or {})
        return response

    return answer


def _troubled(site: WebSite) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, error: Exception) -> Response:
        if isinstance(error, SeriesNotFound | PostNotFound):
            return error_page(site, 404)
        _log.error("page refused", path=request.url.path, reason=str(error))
        # What a driver says may name hosts and users; it is for the log, not for readers.
        return error_page(site, 503, None if isinstance(error, StoreUnreachable) else str(error))

    return answer


def _broken(site: WebSite) -> Callable[[Request, Exception], Response]:
    def answer(_request: Request, _error: Exception) -> Response:
        # Made outside of the middleware that adds the headers to all else.
        response = error_page(site, 500)
        response.headers.update(SAFE_HEADERS)
        return response

    return answer
