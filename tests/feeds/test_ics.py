import io
from datetime import UTC, datetime, timedelta

import pytest
from dateutil.tz import tzical
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from feeds.event import Event
from feeds.ics import ics_document
from text.clean import clean
from timing.offsets import observances

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=120)
ODD_ZONES = [
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Dublin",
    "Pacific/Apia",
]


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def an_event(number=1, **values):
    defaults = {
        "uid": f"{number:032x}@example.org",
        "summary": f"LLM Primer, chapter {number}",
        "starts": at("2026-03-01 06:00") + timedelta(days=number - 1),
        "zone": "Europe/Berlin",
        "sequence": 0,
        "changed": datetime(2026, 1, 1, 9, 30, 15, 999_999, tzinfo=UTC),
    }
    return Event(**{**defaults, **values})


def a_document(*events, name="LLM Primer", zone="Europe/Berlin"):
    return ics_document(name, events, zone=zone)


def the_event(**values):
    """The lines of the only event of a calendar, unfolded."""
    text = a_document(an_event(**values)).decode().replace("\r\n ", "")
    return text.split("BEGIN:VEVENT\r\n")[1].split("\r\nEND:VEVENT")[0].split("\r\n")


def events_around_changes(zone, *years):
    """Events from two hours before each change of clocks, and each beginning of a year, to two hours after it."""
    away = [timedelta(minutes=minutes) for minutes in range(-120, 121, 15)]
    moments = {change.at + delta for year in years for change in observances(zone, year) for delta in away}
    return [an_event(number, starts=moment, zone=zone) for number, moment in enumerate(sorted(moments))]


def as_dateutil_reads(document):
    """Per UID the instant, by the calendar's own rules of its zones."""
    zones = tzical(io.StringIO(document.decode().replace("\r\n ", "")))
    return {str(event["UID"]): instant(event, zones.get) for event in Calendar.from_ical(document).events}


def instant(event, zone_of):
    start = event["DTSTART"]
    if "TZID" in start.params:
        return start.dt.replace(tzinfo=zone_of(start.params["TZID"]), fold=0).astimezone(UTC)
    return start.dt.astimezone(UTC)


def as_onsets_say(document):
    """Per UID the instant, by the last onset in UTC that is not after it (RFC 5545, 3.6.5)."""
    calendar = Calendar.from_ical(document)
    onsets = {zone.tz_name: sorted(onsets_of(zone)) for zone in calendar.timezones}
    return {str(event["UID"]): by_onset(event["DTSTART"], onsets) for event in calendar.events}


def onsets_of(zone):
    for part in zone.subcomponents:
        yield part.DTSTART.replace(tzinfo=UTC) - part.TZOFFSETFROM, part.TZOFFSETTO


def by_onset(start, onsets):
    if "TZID" not in start.params:
        return start.dt.astimezone(UTC)
    wall = start.dt.replace(tzinfo=UTC)
    ends = [onset for onset, _ in onsets[start.params["TZID"]][1:]] + [datetime.max.replace(tzinfo=UTC)]
    spans = zip(onsets[start.params["TZID"]], ends, strict=True)
    return min(wall - offset for (onset, offset), end in spans if onset <= wall - offset < end)


@pytest.mark.parametrize("read", [as_dateutil_reads, as_onsets_say])
@pytest.mark.parametrize("years", [(2026,), (2011, 2012), (1996, 2018, 2045)])
@pytest.mark.parametrize("zone", ODD_ZONES)
def test_every_event_is_at_its_instant_for_who_knows_only_the_document(zone, years, read):
    events = events_around_changes(zone, *years)

    document = a_document(*events, zone=zone)

    assert read(document) == {event.uid: event.starts for event in events}


@pytest.mark.parametrize("zone", ODD_ZONES)
def test_every_event_is_at_its_instant_for_who_knows_the_zones_by_name(zone):
    events = events_around_changes(zone, 2026)

    found = Calendar.from_ical(a_document(*events, zone=zone)).events

    assert {str(event["UID"]): event.start.astimezone(UTC) for event in found} == {
        event.uid: event.starts for event in events
    }


def test_a_zone_is_told_change_by_change():
    zone = a_document(an_event()).decode().split("BEGIN:VTIMEZONE\r\n")[1].split("END:VTIMEZONE")[0]

    assert zone.replace("\r\n", " ") == (
        "TZID:Europe/Berlin "
        "BEGIN:STANDARD DTSTART:20260101T010000 TZNAME:CET TZOFFSETFROM:+0100 TZOFFSETTO:+0100 END:STANDARD "
        "BEGIN:DAYLIGHT DTSTART:20260329T020000 TZNAME:CEST TZOFFSETFROM:+0100 TZOFFSETTO:+0200 END:DAYLIGHT "
        "BEGIN:STANDARD DTSTART:20261025T030000 TZNAME:CET TZOFFSETFROM:+0200 TZOFFSETTO:+0100 END:STANDARD "
    )


def test_an_event_is_written_in_the_local_time_of_its_zone():
    assert "DTSTART;TZID=Europe/Berlin:20260305T070000" in the_event(starts=at("2026-03-05 06:00"))


def test_a_time_inside_a_gap_is_written_as_clocks_show_it():
    half_past_two = datetime(2026, 3, 29, 2, 30) - timedelta(hours=1)  # with the offset before the gap

    start = the_event(starts=half_past_two.replace(tzinfo=UTC))

    assert "DTSTART;TZID=Europe/Berlin:20260329T033000" in start


def test_the_first_of_two_equal_times_is_local_and_the_second_in_utc():
    assert "DTSTART;TZID=Europe/Berlin:20261025T023000" in the_event(starts=at("2026-10-25 00:30"))
    assert "DTSTART:20261025T013000Z" in the_event(starts=at("2026-10-25 01:30"))


def test_utc_needs_no_zone():
    document = a_document(an_event(zone="UTC")).decode()

    assert "DTSTART:20260301T060000Z\r\n" in document
    assert "VTIMEZONE" not in document


def test_a_calendar_of_many_zones_has_each_once_and_in_order():
    document = a_document(an_event(1, zone="Pacific/Apia"), an_event(2), an_event(3), an_event(4, zone="Asia/Tokyo"))

    assert [zone.tz_name for zone in Calendar.from_ical(document).timezones] == [
        "Asia/Tokyo",
        "Europe/Berlin",
        "Pacific/Apia",
    ]


def test_an_event_says_what_programs_need():
    event = the_event(sequence=3, url="https://example.org/primer/a,b;c/")

    assert event == [
        "SUMMARY:LLM Primer\\, chapter 1",
        "DTSTART;TZID=Europe/Berlin:20260301T070000",
        "DURATION:PT15M",
        "DTSTAMP:20260101T093015Z",
        "UID:00000000000000000000000000000001@example.org",
        "SEQUENCE:3",
        "LAST-MODIFIED:20260101T093015Z",
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
        "URL:https://example.org/primer/a,b;c/",
    ]


def test_an_event_that_may_not_come_is_tentative():
    assert "STATUS:TENTATIVE" in the_event(tentative=True)


def test_the_head_names_the_calendar_and_when_to_ask_again():
    head = a_document(an_event(), name="LLM Primer; in parts").decode().split("BEGIN:VTIMEZONE")[0]

    assert head.split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Fascicle//Fascicle//EN",
        "NAME:LLM Primer\\; in parts",
        "X-WR-CALNAME:LLM Primer\\; in parts",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "",
    ]


def test_a_calendar_without_events_still_has_the_component_it_must_have():
    calendar = Calendar.from_ical(a_document(zone="Europe/Riga"))

    assert calendar.events == []
    assert [zone.tz_name for zone in calendar.timezones] == ["Europe/Riga"]


def test_a_calendar_of_utc_without_events_has_one_too():
    assert [zone.tz_name for zone in Calendar.from_ical(a_document(zone="UTC")).timezones] == ["UTC"]


def test_two_renders_are_the_same_bytes_in_whatever_order_events_come():
    events = [an_event(number, zone=zone) for number, zone in enumerate(ODD_ZONES, start=1)]

    assert a_document(*events) == a_document(*reversed(events))


def test_lines_are_folded_by_octets_between_characters():
    title = "日本語の題名、長い; " * 20

    lines = a_document(an_event(summary=title)).split(b"\r\n")

    assert max(map(len, lines)) <= 75
    assert all(line.decode() is not None for line in lines)


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Rain, sun; snow", r"Rain\, sun\; snow"),
        (r"C:\New \nabla \\", r"C:\\New \\nabla \\\\"),
        ("one\ntwo\r\nthree\u2028four\x85five", "one two three four five"),
        ("del\x7f bell\x07", "del\ufffd bell\ufffd"),
        ("  in\tparts ", "in parts"),
        ('"Quoted": ^n', '"Quoted": ^n'),
    ],
)
def test_a_title_is_one_line_of_text(title, written):
    assert f"SUMMARY:{written}" in the_event(summary=title)


@settings(deadline=None, max_examples=200)
@given(title=ANY_TEXT, name=ANY_TEXT)
def test_whatever_the_texts_the_document_parses_and_no_post_is_lost(title, name):
    document = a_document(an_event(1, summary=title), an_event(2), name=name)

    calendar = Calendar.from_ical(document)
    assert [str(event["UID"])[31] for event in calendar.events] == ["1", "2"]
    assert str(calendar.events[0]["SUMMARY"]) == " ".join(clean(title).replace("\x7f", "\ufffd").split())
    assert [event.errors for event in calendar.events] == [[], []]
    assert not any(octet < 32 or octet == 127 for octet in document.replace(b"\r\n", b""))
