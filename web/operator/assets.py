"""/operator/assets/…: style and scripts of the operator's pages, named by their content; vendored ones as they came."""

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from jinja2 import Environment

from web.auth.needs import Needs, needs
from web.conditional import unless_known
from web.pages import READS, not_found
from web.script import zone_script_of
from web.site import WebSite
from web.style import sheet_of, style_of

_VENDORED = Path(__file__).parents[1] / "vendored"
_HTMX = "htmx-2.0.11.min.js"
SCRIPTS = ("editor", "live", "schedule")
_CSS, _SCRIPT = "text/css; charset=utf-8", "text/javascript; charset=utf-8"


class Asset(NamedTuple):
    name: str
    content_type: str
    body: bytes


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()
    known = {asset.name: asset for asset in _assets(site.env).values()}

    @router.api_route("/assets/{name}", methods=READS)
    @needs(Needs.nothing)
    def asset(name: str, request: Request) -> Response:
        if name not in known:
            raise not_found()
        found = known[name]
        # The name changes with the content.
        kept = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Type": found.content_type}
        return unless_known(request, found.body, headers=kept)

    return router


def asset_names(env: Environment) -> dict[str, str]:
    """By what pages call them: `style`, `prose`, `htmx`, and each script by its name."""
    return {key: asset.name for key, asset in _assets(env).items()}


@cache
def _assets(env: Environment) -> dict[str, Asset]:
    scripts = {name: _named(name, "js", _SCRIPT, _source(env, f"operator/{name}.js").encode()) for name in SCRIPTS}
    return scripts | {
        "style": _named("operator", "css", _CSS, sheet_of(env, "web/operator/style.css")),
        "prose": _named("prose", "css", _CSS, _of_readers(style_of(env).body)),
        "zone": _named("zone", "js", _SCRIPT, zone_script_of(env).body),
        "htmx": Asset(_HTMX, _SCRIPT, (_VENDORED / _HTMX).read_bytes()),
    }


def _of_readers(sheet: bytes) -> bytes:
    """The style of readers' pages, for what is shown of them within one of ours."""
    return b"@scope (.as-page) {\n%b\n}\n" % sheet.replace(b":root", b":scope")


def _source(env: Environment, name: str) -> str:
    assert env.loader is not None
    return env.loader.get_source(env, f"web/{name}")[0]


def _named(name: str, ending: str, content_type: str, body: bytes) -> Asset:
    return Asset(f"{name}-{hashlib.sha256(body).hexdigest()[:12]}.{ending}", content_type, body)
