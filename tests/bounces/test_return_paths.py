"""The envelope of each letter carries its own return path; the message itself does not change."""

import pytest

from mail.verp import tag_in
from tests.bounces.desk import MONDAY, PATHS, Desk
from tests.bounces.shapes import ALICE, failed
from tests.mail.faulty import DROP, FaultyRelay
from tests.making import at
from tests.sending.office import running


@pytest.fixture
def planned(desk: Desk) -> Desk:
    """A chapter is due on Monday."""
    desk.office.plan("one", at("2026-03-02 06:00"))
    return desk


def test_each_letter_goes_out_under_its_own_return_path(planned: Desk):
    relay = FaultyRelay({})

    with running(relay) as port:
        planned.office.run(MONDAY, port)

    assert sorted(relay.senders) == sorted(PATHS.of(row.id, row.address) for row in planned.office.deliveries())


def test_without_return_paths_every_letter_has_the_sender_of_all(planned: Desk):
    relay = FaultyRelay({})
    planned.office.paths = None

    with running(relay) as port:
        planned.office.run(MONDAY, port)

    assert relay.senders == ["post@example.org"] * 2


def test_the_return_path_is_nowhere_in_the_message(planned: Desk):
    relay = FaultyRelay({})

    with running(relay) as port:
        planned.office.run(MONDAY, port)

    assert [tag_in(message.decode()) for message in relay.messages] == [None, None]
    assert not any(b"Return-Path" in message for message in relay.messages)


def test_a_letter_that_is_sent_again_has_the_same_bytes_and_the_same_return_path(planned: Desk):
    relay = FaultyRelay({"dot": DROP})
    with running(relay) as port:
        planned.office.run(MONDAY, port)
    first = sorted(zip(relay.senders, relay.messages, strict=True))

    again = FaultyRelay({})
    with running(again) as port:
        planned.office.deliver(at("2026-03-02 08:00"), port)

    assert sorted(zip(again.senders, again.messages, strict=True)) == first


def test_a_letter_that_waits_for_another_try_is_not_sent_once_an_earlier_one_has_bounced(planned: Desk):
    planned.office.run(MONDAY, planned.relay)
    planned.office.plan("two", at("2026-03-03 06:00"))
    with running(FaultyRelay({"RCPT": "450 4.2.1 later"})) as port:
        planned.office.run(at("2026-03-03 07:00"), port)

    planned.takes(failed("5.1.1", to=planned.path()))
    planned.office.deliver(at("2026-03-03 08:00"), planned.relay)

    assert [row.state for row in planned.letters(ALICE)] == ["sent", "superseded"]
