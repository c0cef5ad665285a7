"""Subscribing by oneself: asking with an address, and confirming that by the link in a letter."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from db import catch_ups, personal, series, subscribers, throttles, wishes
from db.errors import BadValue
from db.said import say, worded
from db.states import Frequency, LetterFormat, Purpose, SubscriberState, SubscriptionState
from db.tables import Audit, CatchUp, Consent, Series, Subscriber, Subscription, Wish
from db.upsert import insert_missing
from mail.headers import smtp_address
from mail.tokens import Tokens
from scheduler import catchup, readers, singles
from scheduler.editions import ensure_digest_hour
from scheduler.letters import House
from timing.clocks import Moment
from timing.wall import is_zone, next_moment, to_wall

WORKS = timedelta(hours=48)
"""How long the link of a confirmation works."""
LETTERS_A_DAY = 5
"""Most single letters to one address that anybody can cause from outside."""
A_DAY = timedelta(days=1)
LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets
_FORM = "web form, confirmed by the link in a letter"


@dataclass(frozen=True, kw_only=True)
class Application:
    """What somebody chose who wants letters; `consent` is the text that they read and agreed to.

    `series` are slugs. With a `pace` they begin with the first chapter, and go on at it; without one, with the next.
    """

    series: tuple[str, ...]
    consent: str
    zone: str
    hour: int
    language: str
    frequency: str = "daily"
    pace: str | None = None


def checked_address(text: str) -> str:
    """The address in its normal form. Raises BadValue for one that no letter can be written to."""
    text = text.strip()
    if not text or len(text) > LONGEST_ADDRESS:
        raise BadValue(say("Please give your mail address, such as ada@example.org."))
    try:
        address = validate_email(text, check_deliverability=False).normalized
        smtp_address(address)
    except (EmailNotValidError, BadValue) as error:
        raise BadValue(
            worded(
                f"No letter can be written to {text}: {error}",
                say("No letter can be written to %(address)s; is it spelled right?", address=text),
            )
        ) from None
    return address


def check(session: Session, application: Application, *, now: datetime) -> list[Series]:
    """The series that are asked for. Raises BadValue for what cannot be chosen."""
    found = [series.find(session, slug) for slug in dict.fromkeys(application.series)]
    offered = [one for one in found if one is not None and _is_offered(one)]
    if not offered or len(offered) != len(found):
        raise BadValue(say("Please choose at least one series of those that are here."))
    if not is_zone(application.zone):
        raise BadValue(say("%(zone)r is not a time zone; write it as Europe/Riga.", zone=application.zone))
    if not 0 <= application.hour <= 23:
        raise BadValue(say("%(hour)s is not an hour; choose one from 0 to 23.", hour=application.hour))
    readers.parse_frequency(application.frequency)
    if application.pace is not None:
        catchup.parse_pace(application.pace, 1, today=to_wall(now, application.zone).date())
    return offered


def _is_offered(one: Series | None) -> bool:
    return one is not None and one.retired_at is None


def may_be_written_to(session: Session, ours: Tokens, address: str, at: Moment) -> bool:
    """Whether a letter may go to this address because somebody outside asked for it; counts it."""
    fingerprint = ours.fingerprint(subscribers.address_key(address))
    counted = ours.fingerprint(f"letters to {fingerprint}")
    rested = throttles.allow(session, counted, most=LETTERS_A_DAY, every=A_DAY, now=at.machine)
    return rested and not subscribers.is_suppressed(session, fingerprint)


def ask(session: Session, house: House, address: str, application: Application, at: Moment) -> None:
    """Have a letter sent by which the owner of an address can subscribe, or hear that they do already.

    Whoever asks learns nothing from it, neither by an answer nor by the time it takes: where nobody may be written to,
    all is done, and undone.
    """
    titles = tuple(one.title for one in check(session, application, now=at.calendar))
    may = may_be_written_to(session, house.tokens, address, at)
    with session.begin_nested() as attempt:
        reader = _reader(session, house, address, application, at)
        if reader.state in (SubscriberState.pending, SubscriberState.left, SubscriberState.suppressed):
            _ask_to_confirm(session, house, reader, application, titles, at)
        else:
            _say_that_they_come(session, house, reader, at)
        if not may or reader.state == SubscriberState.suppressed:
            attempt.rollback()


def _reader(session: Session, house: House, address: str, application: Application, at: Moment) -> Subscriber:
    key = subscribers.address_key(address)
    row = {
        "address": address,
        "address_key": key,
        "fingerprint": house.tokens.fingerprint(key),
        "zone": application.zone,
        "hour": application.hour,
        "language": application.language,
        "name": "",
        "format": LetterFormat.html,
        "state": SubscriberState.pending,
        "created_at": at.calendar,
    }
    insert_missing(session, Subscriber, row)
    return subscribers.by_address(session, address)


def _ask_to_confirm(
    session: Session, house: House, reader: Subscriber, application: Application, titles: tuple[str, ...], at: Moment
) -> None:
    until = at.machine + WORKS
    wish = wishes.add(session, reader.id, Purpose.confirm, asdict(application), asked_at=at.calendar, expires_at=until)
    about = {"titles": titles, "hours": WORKS // timedelta(hours=1)}
    letter = singles.Single(
        purpose=Purpose.confirm,
        key=f"{Purpose.confirm}:{reader.id}:{wish.id}",
        address=reader.address,  # without a name: whoever asked need not be its owner
        language=application.language,
        reader_id=reader.id,
        wish_id=wish.id,
        about=about,
    )
    singles.send(session, house, letter, now=at.calendar)


def _say_that_they_come(session: Session, house: House, reader: Subscriber, at: Moment) -> None:
    held = subscribers.subscriptions_of(session, [reader.id])[reader.id]
    ids = [one.series_id for one, _ in held if one.state == SubscriptionState.active]
    titles = tuple(session.get_one(Series, one).title for one in ids)
    paused = reader.state == SubscriberState.paused
    letter = singles.to_reader(reader, Purpose.already, at.machine.isoformat(), titles=titles, paused=paused)
    singles.send(session, house, letter, now=at.calendar)


def join(session: Session, house: House, wish: Wish, at: Moment) -> tuple[date, datetime] | None:
    """Subscribe who confirmed it, and welcome them; gives the date and moment of the first digest, if they get any.

    Raises BadValue when the address is suppressed, or nothing that was asked for is there any more.
    """
    application = Application(**{**wish.detail, "series": tuple(wish.detail["series"])})
    reader = session.get_one(Subscriber, wish.subscriber_id, with_for_update=True)
    if reader.state == SubscriberState.suppressed or subscribers.is_suppressed(session, reader.fingerprint):
        raise BadValue(say("No letters can go to this address any more. Please write to us."))
    still_there = tuple(slug for slug in application.series if _is_offered(series.find(session, slug)))
    chosen = check(session, replace(application, series=still_there), now=at.calendar)
    if reader.state in (SubscriberState.pending, SubscriberState.left):
        reader.zone, reader.hour, reader.language = application.zone, application.hour, application.language
        reader.state = SubscriberState.active
    for one in chosen:
        follow(session, reader, one, frequency=application.frequency, pace=application.pace, at=at)
    ensure_digest_hour(session, zone=reader.zone, hour=reader.hour, now=at.calendar)
    wishes.grant(wish, now=at.calendar)
    _record(session, wish, application, at)
    return _welcome(session, house, reader, wish, at)


def follow(
    session: Session, reader: Subscriber, chosen: Series, *, frequency: str | None, pace: str | None, at: Moment
) -> Subscription:
    """Have readers follow a series by their own will, also one that they left: from its next post on, or from the first
    at a pace. Raises BadValue.
    """
    held = subscribers.subscription(session, reader.id, chosen.id)
    if held is not None and held.state == SubscriptionState.left:
        held.state, held.left_at, held.watermark = SubscriptionState.active, None, chosen.last_seq
        # No letter from before may move a subscription that begins anew.
        catch_ups.void_marks(session, held)
    held = readers.follow(session, reader, chosen, frequency=frequency, now=at.calendar)
    if pace is not None:
        steps = catchup.parse_pace(pace, 1, today=catchup.today_of(reader, at.calendar))
        first = catchup.first_seq(session, chosen, None)
        catchup.start(session, held, steps, first=first, now=at.calendar)
    return held


def _record(session: Session, wish: Wish, application: Application, at: Moment) -> None:
    reader_id = wish.subscriber_id
    session.add(
        Consent(
            subscriber_id=reader_id,
            series=list(application.series),
            how=_FORM,
            text=application.consent,
            asked_at=wish.asked_at,
            confirmed_at=at.calendar,
        )
    )
    note(session, reader_id, "join", at, series=list(application.series))


def note(session: Session, reader_id: int, action: str, at: Moment, **detail: object) -> None:
    """Put what readers did themselves into the record; their addresses are not in it."""
    subject = personal.subject(reader_id)
    session.add(Audit(at=at.calendar, actor="reader", action=action, subject=subject, detail=detail))


def _welcome(
    session: Session, house: House, reader: Subscriber, wish: Wish, at: Moment
) -> tuple[date, datetime] | None:
    held = [one for one, _ in subscribers.subscriptions_of(session, [reader.id])[reader.id]]
    active = [one for one in held if one.state == SubscriptionState.active]
    first = first_digest(session, reader, active, now=at.calendar)
    titles = tuple(session.get_one(Series, one.series_id).title for one in active)
    hour, zone = reader.hour, reader.zone
    letter = singles.to_reader(
        reader, Purpose.welcome, wish.id, titles=titles, first=first and first[0], hour=hour, zone=zone
    )
    singles.send(session, house, letter, now=at.calendar)
    return first


def first_digest(
    session: Session, reader: Subscriber, active: list[Subscription], *, now: datetime
) -> tuple[date, datetime] | None:
    """The date and the moment of a reader's first digest after now; None for one who gets none."""
    walking: dict[int, CatchUp] = catch_ups.of(session, [one.id for one in active])
    daily = [one for one in active if one.frequency == Frequency.daily or one.id in walking]
    days = {one.weekday for one in active if one.frequency == Frequency.weekly}
    if not daily and not days:
        return None
    day, moment = next_moment(now, hour=reader.hour, zone=reader.zone)
    while not daily and day.weekday() not in days:
        day, moment = next_moment(moment, hour=reader.hour, zone=reader.zone)
    return day, moment
