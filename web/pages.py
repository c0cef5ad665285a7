"""From a template and its values to an answer, with what all pages share."""

from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.responses import HTMLResponse

from templates.environment import spoken
from timing.wall import to_wall
from web.site import WebSite
from web.style import style_of

READS = ["GET", "HEAD"]


def page(site: WebSite, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page that caches may keep but must ask about."""
    html = site.env.get_template(template).render(_shared(site) | values)
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-cache"})


def spoken_page(site: WebSite, template: str, language: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """The same in a language: that of whoever reads it, where it is known."""
    return page(site, template, status=status, **{**spoken(language), **values})


def not_found() -> HTTPException:
    """One answer for all that is not public, so that a planned post and none at all cannot be told apart."""
    return HTTPException(404)


def _shared(site: WebSite) -> dict[str, object]:
    return {
        "addresses": site.addresses,
        "author_name": site.author_name,
        "has_outbox": site.outbox is not None,
        "language": site.language,
        "path": _path,
        "site_title": site.title,
        "site_zone": site.zone,
        "style_version": style_of(site.env).version,
        # Asked for only by pages with dates: the page for a store that does not answer must not need the store's time.
        "this_year": lambda: to_wall(site.calendar(), site.zone).year,
        "wall": to_wall,
    }


def _path(url: str) -> str:
    """Links within the site name no host: they work under any name that this server is reached by."""
    return urlsplit(url).path
