"""From a template and its values to an answer, with what all pages share."""

from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from templates.environment import spoken
from templates.languages import is_spoken
from timing.wall import to_wall
from web.conditional import unless_known
from web.script import zone_script_of
from web.site import WebSite
from web.speaking import language_of_reader
from web.style import style_of

READS = ["GET", "HEAD"]
_ASKED_ABOUT = {"Cache-Control": "no-cache"}


def page(site: WebSite, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page that caches may keep but must ask about."""
    return HTMLResponse(_rendered(site, template, values), status_code=status, headers=_ASKED_ABOUT)


def public_page(
    request: Request, site: WebSite, template: str, *, language: str | None = None, **values: object
) -> Response:
    """A page for everybody; who has these very bytes already is told so (304).

    It speaks the language of what it is about, that of the site unless given: the same bytes for whoever asks.
    """
    headers = {**_ASKED_ABOUT, "Content-Type": "text/html; charset=utf-8"}
    voice = spoken(page_language(site, language))
    return unless_known(request, _rendered(site, template, {**voice, **values}).encode(), headers=headers)


def page_language(site: WebSite, wanted: str | None = None) -> str:
    """The first that has words here: the wanted one, the site's, English."""
    known = (one for one in (wanted, site.language) if one is not None and is_spoken(one))
    return next(known, "en")


def spoken_page(site: WebSite, template: str, language: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """The same in a language: that of whoever reads it, where it is known."""
    return page(site, template, status=status, **{**spoken(language), **values})


def page_for(request: Request, site: WebSite, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """The same for whoever asks, in the language that their browser asks for; else that of the site."""
    language = language_of_reader(request.headers, page_language(site))
    answer = spoken_page(site, template, language, status=status, **values)
    answer.headers["Vary"] = "Accept-Language"
    return answer


def not_found() -> HTTPException:
    """One answer for all that is not public, so that a planned post and none at all cannot be told apart."""
    return HTTPException(404)


def _rendered(site: WebSite, template: str, values: dict[str, object]) -> str:
    return site.env.get_template(template).render(_shared(site) | values)


def _shared(site: WebSite) -> dict[str, object]:
    return {
        "addresses": site.addresses,
        "author_name": site.author_name,
        "has_outbox": site.outbox is not None,
        "path": path_of,
        "site_title": site.title,
        "site_zone": site.zone,
        "style_version": style_of(site.env).version,
        # Asked for only by pages with dates: the page for a store that does not answer must not need the store's time.
        "this_year": lambda: to_wall(site.calendar(), site.zone).year,
        "wall": to_wall,
        "zone_script_version": zone_script_of(site.env).version,
    }


def path_of(url: str) -> str:
    """Links within the site name no host: they work under any name that this server is reached by."""
    return urlsplit(url).path
