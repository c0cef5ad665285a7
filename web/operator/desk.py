"""What the operator's pages share: the site, the door, and how a page is answered."""

import gzip
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from scheduler.cadence import cadence_said
from scheduler.lint import rule_named
from scheduler.naming import actor_said, edition_said, named
from scheduler.release import hold_said
from templates.environment import spoken
from web.accepting import Coding, accepted
from web.auth.door import Caller, Door, Opened, Person
from web.operator.assets import asset_names
from web.operator.inspector import Inspector
from web.pages import page
from web.site import WebSite
from web.speaking import language_of_reader

COOKIE = "fascicle_operator"
_WORTH_IT = 2000
_COOKIE_LASTS = 30 * 24 * 3600

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
"""`no-referrer` would have browsers say `Origin: null` of our own forms."""


@dataclass(frozen=True)
class Desk:
    site: WebSite
    door: Door
    inspector: Inspector

    @property
    def root(self) -> str:
        """The path below which all of this is, with its slash."""
        return f"{self.site.addresses.path}/operator/"

    def page(self, request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """A page of ours, as it is now, in the language of the person: nobody keeps it."""
        shared = {
            **spoken(language_of(request)),
            "hold_said": hold_said,
            "actor_said": actor_said,
            "cadence_said": cadence_said,
            "named": named,
            "rule_named": rule_named,
            "edition_said": edition_said,
            "root": self.root,
            "person": person_or_none(request),
            "asset": asset_names(self.site.env),
            "here": request.url.path,
        }
        answer = page(self.site, f"web/operator/{template}", status=status, **(shared | values))
        answer.headers.update(HEADERS)
        answer.headers["Vary"] = "HX-Request, Cookie, Accept-Encoding, Accept-Language"
        return _compressed(answer, request)

    def part(
        self, request: Request, part: str, *, heading: str, back: str, status: int = 200, **values: object
    ) -> HTMLResponse:
        """What stands in the panel beside a plan: alone for a script that asks for it, else on a page of its own."""
        alone = request.headers.get("hx-request") is not None
        template = part if alone else "shell.html"
        about = {"part": f"web/operator/{part}", "heading": heading, "back": back}
        return self.page(request, template, status=status, **(values | about))

    def go(self, path: str) -> Response:
        """On to a page after something was done."""
        return RedirectResponse(f"{self.root}{path}", status_code=303, headers=HEADERS)

    def go_to(self, target: str) -> Response:
        """On to where somebody wanted to go, if that is a page of ours; else to the first."""
        return RedirectResponse(self.own(target), status_code=303, headers=HEADERS)

    def own(self, target: str) -> str:
        """The path of a page of ours, from what a request says; the first page's for anything else."""
        parts = urlsplit(target) if target.isprintable() else urlsplit("")
        within = parts.path.startswith(self.root) and not parts.scheme and not parts.netloc
        if not within or "\\" in target or "//" in parts.path or ".." in parts.path:
            return self.root
        path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._")
        return f"{path}?{parts.query}" if parts.query else path

    def give_cookie(self, answer: Response, opened: Opened) -> Response:
        answer.set_cookie(
            COOKIE,
            opened.token,
            max_age=_COOKIE_LASTS,
            path=self.root,
            secure=self.site.addresses.site().startswith("https:"),
            httponly=True,
            samesite="lax",
        )
        return answer

    def take_cookie(self, answer: Response) -> Response:
        answer.delete_cookie(COOKIE, path=self.root)
        return answer


def _compressed(answer: HTMLResponse, request: Request) -> HTMLResponse:
    """Smaller for who accepts that: a month of many series is half a megabyte of much that is alike.

    No page has both a secret and something that another site can have it say.
    """
    body = bytes(answer.body)
    if len(body) >= _WORTH_IT and accepted(request.headers)[:1] == (Coding.gzip,):
        answer.body = gzip.compress(body, compresslevel=5, mtime=0)
        answer.headers["Content-Encoding"] = Coding.gzip
        answer.headers["Content-Length"] = str(len(answer.body))
    return answer


def person_or_none(request: Request) -> Person | None:
    found = getattr(request.state, "person", None)
    return found if isinstance(found, Person) else None


def person_of(request: Request) -> Person:
    """Who is signed in; for handlers that need somebody to be."""
    person = person_or_none(request)
    assert person is not None
    return person


def language_of(request: Request) -> str:
    """What the person has chosen; else what their browser asks for; else English."""
    person = person_or_none(request)
    chosen = person.language if person else None
    return chosen or language_of_reader(request.headers, "en")


def caller_of(request: Request) -> Caller:
    address = request.client.host if request.client else ""
    return Caller(address, request.headers.get("user-agent", ""))


def token_of(request: Request) -> str:
    return request.cookies.get(COOKIE, "")
