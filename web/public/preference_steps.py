"""The changes that the page of preferences offers: each from the fields of its form. BadValue says what is wrong."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from db import series as all_series
from db import subscribers
from db.errors import BadValue
from db.said import say
from db.states import Purpose, SubscriberState
from db.tables import Series, Subscriber, Subscription
from scheduler import catchup, choices, joining, leaving, pauses, wishes
from scheduler.joining import note
from timing.wall import to_instant
from web.choosing import consent, hour_of, language_of
from web.forms import Form
from web.site import WebSite

Step = Callable[[WebSite, Session, Subscriber, Form], None]
_GETS_LETTERS = (SubscriberState.active, SubscriberState.paused)


def _choices(site: WebSite, session: Session, reader: Subscriber, sent: Form) -> None:
    _refuse_who_left(reader)
    choices.choose(
        session,
        reader,
        name=sent.one("name", reader.name),
        zone=sent.one("zone", reader.zone),
        hour=hour_of(sent, reader.hour),
        language=language_of(sent, reader.language),
        letter_format=sent.one("format", reader.format),
        now=site.calendar(),
    )


def _series(site: WebSite, session: Session, reader: Subscriber, sent: Form) -> None:
    """Only of what the form showed: a series that came since is not left by that."""
    _refuse_who_left(reader)
    followed = set(sent.every("follow"))
    wanted = {
        slug: sent.one(f"frequency-{slug}", "daily") if slug in followed else None
        for slug in dict.fromkeys(sent.every("shown"))
    }
    text = consent(site.env, reader.language, site.title)
    choices.follow_these(session, reader, wanted, site.moment(), consent=text)


def _pause(site: WebSite, session: Session, reader: Subscriber, sent: Form) -> None:
    text, until = sent.one("until"), None
    if text:
        try:
            until = to_instant(datetime.combine(date.fromisoformat(text), time()), reader.zone)
        except ValueError:
            raise BadValue(say("%(value)r is not a date; write it as 2026-08-01.", value=text)) from None
    pauses.pause(reader, until=until, now=site.calendar())
    note(session, reader.id, "pause", site.moment())


def _resume(site: WebSite, session: Session, reader: Subscriber, _sent: Form) -> None:
    if reader.state == SubscriberState.paused:
        pauses.resume(session, reader, now=site.calendar())
        note(session, reader.id, "resume", site.moment())


def _leave(site: WebSite, session: Session, reader: Subscriber, _sent: Form) -> None:
    leaving.leave(session, site.house, reader.id, site.moment(), by="preferences")


def _begin(site: WebSite, session: Session, reader: Subscriber, sent: Form) -> None:
    held, series = _followed(session, reader, sent)
    now = site.calendar()
    pace = catchup.parse_pace(sent.one("pace"), 1, today=catchup.today_of(reader, now))
    catchup.start(session, held, pace, first=catchup.first_seq(session, series, None), now=now)


def _pace(site: WebSite, session: Session, reader: Subscriber, sent: Form) -> None:
    held, _ = _followed(session, reader, sent)
    today = catchup.today_of(reader, site.calendar())
    catchup.change_pace(session, held, catchup.parse_pace(sent.one("pace"), 1, today=today))


def _rest(site: WebSite, session: Session, reader: Subscriber, sent: Form) -> None:
    held, _ = _followed(session, reader, sent)
    catchup.pause(session, held, now=site.calendar())


def _go_on(site: WebSite, session: Session, reader: Subscriber, sent: Form) -> None:
    held, _ = _followed(session, reader, sent)
    catchup.resume(session, held, today=catchup.today_of(reader, site.calendar()))


def _next(site: WebSite, session: Session, reader: Subscriber, sent: Form) -> None:
    held, _ = _followed(session, reader, sent)
    if reader.state != SubscriberState.active:
        raise BadValue(say("Your letters are paused; end the pause first."))
    catchup.next_now(session, held, now=site.calendar())


def _skip(_site: WebSite, session: Session, reader: Subscriber, sent: Form) -> None:
    held, series = _followed(session, reader, sent)
    catchup.end(session, held, last_seq=series.last_seq)


def _change_address(site: WebSite, session: Session, reader: Subscriber, sent: Form) -> None:
    _refuse_who_left(reader)
    address = joining.checked_address(sent.one("email"))
    if subscribers.address_key(address) == reader.address_key:
        raise BadValue(say("Your letters go to %(address)s already.", address=address))
    wishes.ask(session, site.house, reader, Purpose.change_address, site.moment(), address=address)


def _export(site: WebSite, session: Session, reader: Subscriber, _sent: Form) -> None:
    wishes.ask(session, site.house, reader, Purpose.export, site.moment())


def _erase(site: WebSite, session: Session, reader: Subscriber, _sent: Form) -> None:
    wishes.ask(session, site.house, reader, Purpose.erase, site.moment())


STEPS: Mapping[str, Step] = {
    "choices": _choices,
    "series": _series,
    "pause": _pause,
    "resume": _resume,
    "leave": _leave,
    "begin": _begin,
    "pace": _pace,
    "rest": _rest,
    "go-on": _go_on,
    "next": _next,
    "skip": _skip,
    "change-address": _change_address,
    "export": _export,
    "erase": _erase,
}
"""By the last part of the address that a form is sent to."""


def _refuse_who_left(reader: Subscriber) -> None:
    if reader.state not in _GETS_LETTERS:
        raise BadValue(say("Your letters have ended. Subscribe anew to get them again."))


def _followed(session: Session, reader: Subscriber, sent: Form) -> tuple[Subscription, Series]:
    """The subscription that a form is about, with its series. Raises BadValue."""
    _refuse_who_left(reader)
    series = all_series.find(session, sent.one("series"))
    held = None if series is None else subscribers.subscription(session, reader.id, series.id)
    if series is None or held is None or held.left_at is not None:
        raise BadValue(say("You do not follow this series."))
    return held, series
