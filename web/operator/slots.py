"""/operator/series/slots: what words of a cadence mean, shown while they are typed."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice, takewhile

from fastapi import APIRouter, Request, Response

from db.errors import BadValue
from db.said import say
from scheduler.cadence import Cadence, Offered, offered, parse_words, slots
from timing.wall import is_zone, to_wall
from web.auth.needs import Needs, needs
from web.operator.desk import Desk
from web.pages import READS

SHOWN = 10
_MOST_LEFT_OUT = 50


@dataclass(frozen=True)
class Reading:
    """Words of a cadence as they are understood: the slots that come next, and those that are left out among them."""

    cadence: Cadence
    coming: tuple[Offered, ...]
    zone: str


def routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.api_route("/series/slots", methods=READS)
    @needs(Needs.editor)
    def show(request: Request, words: str = "", zone: str = "") -> Response:
        try:
            reading, problem = read(words, zone, now=desk.site.calendar()), ""
        except BadValue as error:
            reading, problem = None, str(error)
        back, heading = f"{desk.root}series/new", say("The next slots")
        return desk.part(request, "slots.html", heading=heading, back=back, reading=reading, problem=problem)

    return router


def read(words: str, zone: str, *, now: datetime) -> Reading | None:
    """None where nothing is said yet. Raises BadValue."""
    if not words.strip():
        return None
    if not is_zone(zone):
        raise BadValue(say("%(zone)s is not an IANA zone; one such is Europe/Riga", zone=zone[:50]))
    wall = to_wall(now, zone)
    cadence = parse_words(words, start=wall.date())
    return Reading(cadence, tuple(_coming(cadence, wall)), zone)


def _coming(cadence: Cadence, after: datetime) -> list[Offered]:
    """The next slots, with those that are left out between them."""
    wanted = list(islice(slots(cadence, after=after), SHOWN))
    if not wanted:
        return []
    until = takewhile(lambda slot: slot.at <= wanted[-1], offered(cadence, after=after))
    return list(islice(until, SHOWN + _MOST_LEFT_OUT))
