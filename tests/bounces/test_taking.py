"""What comes back takes its effect once, on the reader whose letter it proves, and on nobody else."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from structlog.testing import capture_logs

from db import suppressions
from db.errors import CopyRefused
from db.states import SuppressionKind
from db.tables import Bounce, Installation, Subscriber, Suppression
from mail.mime import MessageRefused
from mail.tokens import Tokens
from mail.verp import ReturnPaths
from scheduler.bounces import Effect
from tests.bounces.desk import Desk, Server
from tests.bounces.shapes import ALICE, SERVERS, absence, complaint, failed, group, postfix, report
from tests.bounces.test_hostile import MESSAGES, with_parts
from tests.making import NOON, TOKENS, a_reader, contents, in_threads
from tests.sending.office import letters_in

BOB = "bob@example.org"
EVERY_THIRD_DAY = (0, 3, 6, 9, 12)
"""Five editions over twelve days."""


def test_a_hard_bounce_suppresses_at_once(desk: Desk):
    desk.sends(0)

    taken = desk.takes(postfix(to=desk.path()))
    desk.sends(1)

    assert taken.effect is Effect.suppressed
    assert desk.state() == "suppressed"
    assert desk.suppressed() == [(ALICE, "hard")]
    assert (len(desk.letters()), len(desk.letters(BOB))) == (1, 2)


@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
def test_whichever_server_says_so(desk: Desk, server: Server):
    desk.sends(0)

    desk.takes(server(to=desk.path()))

    assert desk.suppressed() == [(ALICE, "hard")]
    assert desk.bounces() == [(ALICE, "hard")]


def test_the_servers_words_are_kept(desk: Desk):
    desk.sends(0)

    desk.takes(postfix(to=desk.path()))

    with desk.store.reading() as session:
        kept = session.scalars(select(Bounce)).one()
        suppressed = session.scalars(select(Suppression)).one()
    assert (kept.status, kept.reporter) == ("5.1.1", "mx.example")
    assert kept.words == suppressed.reason == f"550 5.1.1 <{ALICE}>: there is nobody of this name here"


def test_no_character_of_a_server_keeps_its_words_from_being_kept(desk: Desk):
    desk.sends(0)
    wild = "\x00\x01\ud800=cmd".encode("utf-8", "surrogatepass")
    message = postfix(to=desk.path()).replace(b"there is nobody", wild).replace(b"dns; mx.example", b"dns; " + wild)

    taken = desk.takes(message)

    assert taken.effect is Effect.suppressed
    assert "\x00" not in taken.words


def test_the_envelope_alone_names_the_letter(desk: Desk):
    desk.sends(0)

    taken = desk.takes(failed("5.1.1", to="undisclosed-recipients:;"), desk.path())

    assert taken.effect is Effect.suppressed


def test_a_delay_is_ignored(desk: Desk):
    desk.sends(0)

    taken = desk.takes(failed("4.4.1", action="delayed", to=desk.path()))

    assert taken.effect is Effect.nothing
    assert (desk.state(), desk.bounces(), desk.suppressed()) == ("active", [], [])


def test_an_absence_note_is_ignored(desk: Desk):
    desk.sends(0)

    taken = desk.takes(absence(to=desk.path()))

    assert taken.effect is Effect.nothing
    assert (desk.state(), desk.bounces()) == ("active", [])


def test_a_soft_bounce_is_noted_and_letters_go_on(desk: Desk):
    desk.sends(0)

    taken = desk.bounced(0)
    desk.sends(1)

    assert taken.effect is Effect.noted
    assert len(desk.letters()) == 2
    assert desk.bounces() == [(ALICE, "soft")]


def test_five_editions_in_a_row_over_ten_days_that_come_back_softly_suppress(desk: Desk):
    desk.sends(*EVERY_THIRD_DAY)

    effects = [desk.bounced(number).effect for number in range(5)]

    assert effects == [Effect.noted] * 4 + [Effect.suppressed]
    assert desk.suppressed() == [(ALICE, "soft")]
    assert desk.state(BOB) == "active"


def test_five_editions_in_a_row_within_ten_days_do_not(desk: Desk):
    desk.sends(0, 1, 2, 3, 4)

    effects = [desk.bounced(number).effect for number in range(5)]

    assert effects == [Effect.noted] * 5


def test_it_needs_five_editions_however_long_it_takes(desk: Desk):
    desk.sends(0, 10, 20, 30)

    effects = [desk.bounced(number).effect for number in range(4)]

    assert effects == [Effect.noted] * 4


def test_a_letter_that_did_not_come_back_breaks_the_row(desk: Desk):
    desk.sends(*EVERY_THIRD_DAY, 13)

    effects = [desk.bounced(number).effect for number in (0, 1, 3, 4, 5)]

    assert effects == [Effect.noted] * 5
    assert desk.state() == "active"


def test_a_later_letter_that_did_not_come_back_breaks_the_row_in_whatever_order_the_reports_come(desk: Desk):
    desk.sends(*EVERY_THIRD_DAY, 15)

    effects = [desk.bounced(number).effect for number in (3, 4, 5, 0, 1)]

    assert effects == [Effect.noted] * 5
    assert desk.state() == "active"


def test_what_is_said_late_of_an_earlier_letter_completes_the_row(desk: Desk):
    desk.sends(*EVERY_THIRD_DAY)

    effects = [desk.bounced(number).effect for number in (0, 4, 3, 1, 2)]

    assert effects == [Effect.noted] * 4 + [Effect.suppressed]


def test_two_soft_bounces_of_one_edition_count_once(desk: Desk):
    desk.sends(0, 3, 6, 12)

    effects = [desk.bounced(number).effect for number in (0, 1, 2, 3, 3)]

    assert effects == [Effect.noted] * 4 + [Effect.known]
    assert desk.state() == "active"


def test_soft_bounces_that_come_at_the_same_moment_are_all_counted(desk: Desk):
    desk.sends(*EVERY_THIRD_DAY)
    waiting = iter([failed("4.2.2", to=desk.path(number)) for number in range(5)])

    in_threads(5, lambda: desk.takes(next(waiting)))

    assert desk.suppressed() == [(ALICE, "soft")]


def test_a_letter_that_was_not_wanted_says_nothing_of_the_address(desk: Desk):
    desk.sends(*EVERY_THIRD_DAY)

    effects = [desk.bounced(number, "5.7.1").effect for number in range(5)]

    assert effects == [Effect.noted] * 5
    assert desk.bounces() == [(ALICE, "refused")] * 5
    assert desk.suppressed() == []


def test_a_letter_that_was_not_wanted_did_not_arrive_either(desk: Desk):
    desk.sends(*EVERY_THIRD_DAY, 15)

    effects = [
        desk.bounced(number, status).effect
        for number, status in enumerate(["4.2.2", "4.2.2", "5.7.1", "4.2.2", "4.2.2", "4.2.2"])
    ]

    assert effects == [Effect.noted] * 5 + [Effect.suppressed]


def test_a_complaint_leaves_and_suppresses(desk: Desk):
    desk.sends(0)

    taken = desk.takes(complaint(desk.path()))

    assert taken.effect is Effect.left
    assert desk.follows() == ["left"]
    assert desk.suppressed() == [(ALICE, "complaint")]
    assert desk.state(BOB) == "active"


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure"])
def test_feedback_that_is_no_complaint_changes_nothing(desk: Desk, kind: str):
    desk.sends(0)

    taken = desk.takes(complaint(desk.path(), kind=kind))

    assert taken.effect is Effect.nothing
    assert desk.follows() == ["active"]


def test_nothing_that_comes_back_is_answered(desk: Desk, outbox):
    desk.sends(0)
    before = len(letters_in(outbox))

    for message in (
        postfix(to=desk.path()),
        complaint(desk.path(0, BOB)),
        absence(to=desk.path()),
        b"From: <>\r\n\r\n?",
    ):
        desk.takes(message)
    desk.office.run(desk.office.calendar, desk.relay)

    assert len(letters_in(outbox)) == before
    assert (len(desk.letters()), len(desk.letters(BOB))) == (1, 1)


def test_a_bounce_of_a_tag_that_we_never_made_has_no_effect_and_is_logged(desk: Desk):
    desk.sends(0)
    theirs = ReturnPaths(Tokens(b"another secret of thirty-two characters"), "bounces@lists.example")
    before = contents(desk.store)

    with capture_logs() as logs:
        taken = desk.takes(postfix(to=theirs.of(desk.letters()[0].id, ALICE)))

    assert taken.effect is Effect.not_ours
    assert contents(desk.store) == before
    assert [(log["event"], log["log_level"]) for log in logs] == [("bounce without effect", "warning")]


def test_bob_cannot_have_alice_suppressed_by_the_return_path_of_his_own_letter(desk: Desk):
    desk.sends(0)
    before = contents(desk.store)

    with capture_logs() as logs:
        taken = desk.takes(postfix(ALICE, to=desk.path(0, BOB)))

    assert taken.effect is Effect.of_another
    assert contents(desk.store) == before
    assert [(log["event"], log["log_level"]) for log in logs] == [("bounce without effect", "warning")]


def test_a_bounce_without_any_tag_has_no_effect(desk: Desk):
    desk.sends(0)
    before = contents(desk.store)

    taken = desk.takes(postfix(to="bounces@lists.example"))

    assert taken.effect is Effect.not_ours
    assert contents(desk.store) == before


def test_a_tag_from_before_a_restored_backup_proves_nothing_of_the_letter_that_has_its_number_now(desk: Desk):
    desk.sends(0)
    number = desk.letters()[0].id

    taken = desk.takes(postfix("carol@example.org", to=desk.taker.paths.of(number, "carol@example.org")))

    assert taken.effect is Effect.not_ours
    assert desk.suppressed() == []


def test_a_tag_in_the_message_does_not_help_where_that_of_the_envelope_is_of_another(desk: Desk):
    desk.sends(0)

    taken = desk.takes(postfix(ALICE, to=desk.path()), desk.path(0, BOB))

    assert taken.effect is Effect.of_another
    assert desk.suppressed() == []


def test_the_same_report_twice_counts_once(desk: Desk):
    desk.sends(0)
    desk.takes(postfix(to=desk.path()))
    before = contents(desk.store)

    again = desk.takes(postfix(to=desk.path()))

    assert again.effect is Effect.known
    assert contents(desk.store) == before


def test_the_same_report_in_many_hands_counts_once(desk: Desk):
    desk.sends(0)
    message = postfix(to=desk.path())

    effects = in_threads(4, lambda: desk.takes(message).effect)

    assert sorted(effects) == sorted([Effect.known] * 3 + [Effect.suppressed])
    assert desk.bounces() == [(ALICE, "hard")]


def test_no_import_revives_who_bounced(desk: Desk):
    desk.sends(0)
    desk.takes(postfix(to=desk.path()))

    with desk.store.writing() as session:
        a_reader(session)
    desk.sends(1)

    assert desk.state() == "suppressed"
    assert len(desk.letters()) == 1


def test_a_bounce_of_a_former_address_does_not_touch_the_new_one(desk: Desk):
    desk.sends(0)
    with desk.store.writing() as session:
        new = "alice@new.example"
        values = {"address": new, "address_key": new, "fingerprint": TOKENS.fingerprint(new)}
        session.execute(update(Subscriber).where(Subscriber.address == ALICE).values(**values))

    taken = desk.takes(postfix(to=desk.path()))

    assert taken.effect is Effect.suppressed
    assert desk.suppressed() == [(ALICE, "hard")]
    assert desk.state("alice@new.example") == "active"


def test_who_left_is_suppressed_too(desk: Desk):
    desk.sends(0)
    with desk.store.writing() as session:
        session.execute(update(Subscriber).where(Subscriber.address == ALICE).values(state="left"))

    desk.takes(complaint(desk.path()))

    assert desk.suppressed() == [(ALICE, "complaint")]


def test_a_clone_takes_nothing_that_came_back_to_the_other_store(desk: Desk):
    desk.sends(0)
    with desk.store.writing() as session:
        session.execute(update(Installation).values(database="another"))

    with pytest.raises(CopyRefused):
        desk.takes(postfix(to=desk.path()))

    assert desk.bounces() == []


def test_a_bomb_is_refused_and_leaves_everything_as_it_was(desk: Desk):
    desk.sends(0)
    before = contents(desk.store)

    with pytest.raises(MessageRefused, match="more than 100 parts"):
        desk.takes(with_parts(1_000), desk.path())

    assert contents(desk.store) == before


def test_what_came_back_is_forgotten_after_its_time(desk: Desk):
    desk.sends(0, 3)
    first, second = desk.letters()
    desk.takes(failed("4.2.2", to=desk.path(0)), now=first.date)
    desk.takes(failed("4.2.2", to=desk.path(1)), now=second.date)

    dropped = desk.taker.forget(before=second.date)

    assert dropped == 1
    assert desk.bounces() == [(ALICE, "soft")]
    assert desk.taker.forget(before=second.date) == 0


def test_after_an_erasure_the_fingerprint_alone_is_left(desk: Desk):
    desk.sends(0)
    desk.takes(postfix(to=desk.path()))

    with desk.store.writing() as session:
        suppressions.erase(session, TOKENS.fingerprint(ALICE), now=NOON)

    rows = contents(desk.store)
    assert rows["bounces"] == []
    assert ALICE not in repr(rows["suppressions"])
    with desk.store.reading() as session:
        kept = session.scalars(select(Suppression)).one()
    assert (kept.fingerprint, kept.kind) == (TOKENS.fingerprint(ALICE), SuppressionKind.erased)


def test_a_report_of_several_takes_effect_on_the_reader_of_the_letter_alone(desk: Desk):
    desk.sends(0)
    groups = [
        group(f"Final-Recipient: rfc822; {address}", "Action: failed", "Status: 5.1.1") for address in (BOB, ALICE)
    ]

    desk.takes(report([group("Reporting-MTA: dns; mx"), *groups], to=desk.path()))

    assert desk.suppressed() == [(ALICE, "hard")]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=MESSAGES, recipient=st.text(max_size=80))
def test_no_bytes_whatever_have_an_effect_without_a_tag_of_ours(desk: Desk, data: bytes, recipient: str):
    if not desk.letters():
        desk.sends(0)
    try:
        taken = desk.taker.take(data, recipient, now=NOON)
    except MessageRefused:
        return

    assert taken.effect in (Effect.nothing, Effect.not_ours)
    assert (desk.bounces(), desk.suppressed(), desk.follows()) == ([], [], ["active"])
