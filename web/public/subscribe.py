"""/subscribe: asking for letters. Whoever asks gets one answer, whatever is known of the address."""

import ipaddress
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from db import series as all_series
from db import throttles
from db.errors import BadValue
from db.said import say
from db.tables import Series
from scheduler import joining
from scheduler.joining import Application
from web.choosing import PACES, consent, hour_of, language_of, offered, zones
from web.errors import error_page
from web.forms import Form, form
from web.headers import OUR_SCRIPT_RUNS
from web.pages import READS, page_language, spoken_page
from web.same_site import from_our_page
from web.site import WebSite

ASKS_AN_HOUR = 20
"""Most that are taken from one network."""
AN_HOUR = timedelta(hours=1)
_TOO_OFTEN = say("Too many have asked from your network. Please try again in an hour.")


def routes(site: WebSite) -> APIRouter:
    router = APIRouter()

    @router.api_route("/subscribe", methods=READS)
    def offer(series: str = "") -> Response:
        with site.store.reading() as session:
            return _page(site, session, _first_choices(site, session, series))

    @router.post("/subscribe", dependencies=[Depends(from_our_page)])
    def ask(request: Request, sent: Annotated[Form, Depends(form)]) -> Response:
        host = request.client.host if request.client else ""
        if sent.one("website"):  # a field that people do not see
            return _on_its_way(site, sent, sent.one("email"))
        with site.store.writing() as session:
            return _answer(request, site, session, sent, host)

    return router


def _first_choices(site: WebSite, session: Session, series: str) -> Form:
    chosen = {"series": [series]} if series else {}
    language = _language(site, session, Form(chosen))
    return Form({**chosen, "hour": ["7"], "zone": [site.zone], "language": [language], "frequency": ["daily"]})


def _language(site: WebSite, session: Session, sent: Form) -> str:
    """That of the one series that somebody came from; else that of the site."""
    asked = sent.every("series")
    series = all_series.find(session, asked[0]) if len(asked) == 1 else None
    return page_language(site, None if series is None else series.language)


def _answer(request: Request, site: WebSite, session: Session, sent: Form, host: str) -> Response:
    at = site.moment()
    network = site.tokens.fingerprint(f"network {network_of(host)}")
    if not throttles.allow(session, network, most=ASKS_AN_HOUR, every=AN_HOUR, now=at.machine):
        return error_page(request, site, 429, _TOO_OFTEN)
    try:
        address = joining.checked_address(sent.one("email"))
        joining.ask(session, site.house, address, _application(site, session, sent), at)
    except BadValue as error:
        return _page(site, session, sent, problem=str(error))
    return _on_its_way(site, sent, address)


def _application(site: WebSite, session: Session, sent: Form) -> Application:
    offers = _offers(session)
    language = language_of(sent, site.language)
    pace = sent.one("begin")
    if pace and pace not in PACES:
        raise BadValue(say("%(pace)r is not a pace that is offered here.", pace=pace))
    return Application(
        # Where there is only one, nothing has to be chosen.
        series=tuple(sent.every("series")) or tuple(one.slug for one in offers if len(offers) == 1),
        consent=consent(site.env, language, site.title),
        zone=_zone(site, sent),
        hour=hour_of(sent, 7),
        language=language,
        frequency=sent.one("frequency", "daily"),
        pace=pace or None,
    )


def _zone(site: WebSite, sent: Form) -> str:
    """The chosen one; from a form without that choice, the browser's if it is offered here; else that of the site."""
    guess = sent.one("browser_zone")
    return sent.one("zone", guess if guess in zones() else site.zone)


def _offers(session: Session) -> list[Series]:
    return [one for one in all_series.all_series(session) if one.retired_at is None]


def _page(site: WebSite, session: Session, chosen: Form, *, problem: str | None = None) -> Response:
    language = _language(site, session, chosen)
    response = spoken_page(
        site,
        "web/subscribe.html",
        language,
        status=200 if problem is None else 422,
        problem=problem,
        chosen=chosen,
        zone=_zone(site, chosen),
        all_series=_offers(session),
        offered=offered(language),
        consent=consent(site.env, language, site.title),
    )
    if problem is None:  # else the zone is not guessed any more
        response.headers.update(OUR_SCRIPT_RUNS)
    return response


def _on_its_way(site: WebSite, sent: Form, address: str) -> Response:
    hours = joining.WORKS // timedelta(hours=1)
    language = page_language(site, sent.one("language").partition("-")[0])
    response = spoken_page(site, "web/subscribe_sent.html", language, address=address, hours=hours)
    response.headers["Cache-Control"] = "no-store"
    return response


def network_of(host: str) -> str:
    """The network that an address belongs to: what one household or office has, so that nobody changes it at will."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))
