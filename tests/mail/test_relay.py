import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping

import pytest
from aiosmtpd.smtp import SMTP

from mail.opening import RelayDown, RelaySettings, Timeouts
from mail.relay import Connection
from mail.replies import Outcome, OutcomeKind, Stage, classify
from tests.mail.faulty import DROP, SILENCE, FaultyRelay, listening
from tests.mail.handing import Manner
from tests.mail.virtual import in_virtual_time

pytestmark = pytest.mark.usefixtures("manner")

MESSAGE = b"Subject: One\r\n\r\n.first\r\n..second\r\n"
SHORT = Timeouts(connect=5, command=0.3, data=0.3, block=5, dot=0.3, quit=0.3)


def settings(port: int, **changes: object) -> RelaySettings:
    usual = {"host": "127.0.0.1", "port": port, "tls": "none", "username": None, "password": None, "name": "main"}
    return RelaySettings(**(usual | changes))


async def message() -> bytes:
    return MESSAGE


async def held_back() -> None:
    return None


async def opened(port: int, **changes: object) -> Connection:
    return await Connection.open(settings(port, **changes), timeouts=SHORT, local_hostname="sender.example")


def hand_over(
    script: Mapping[str, str | list[str]],
    before_data: Callable[[], Awaitable[bytes | None]] = message,
    *,
    recipient: str = "alice@example.org",
) -> tuple[Outcome, bool, FaultyRelay]:
    """One letter to a relay with this script: the outcome, whether the line is usable after it, and the relay."""
    relay = FaultyRelay(script)

    async def talk() -> tuple[Outcome, bool]:
        async with listening(relay) as port:
            connection = await opened(port)
            outcome = await connection.send(sender="post@example.org", recipient=recipient, before_data=before_data)
            usable = connection.usable
            await connection.close()
            return outcome, usable

    return *in_virtual_time(talk()), relay


def test_a_letter_that_the_relay_takes_is_sent_and_the_line_stays_usable():
    outcome, usable, relay = hand_over({})

    assert outcome == Outcome(OutcomeKind.sent, 250, "2.0.0 queued as 1")
    assert usable
    assert relay.commands == [
        "EHLO sender.example",
        "MAIL FROM:<post@example.org>",
        "RCPT TO:<alice@example.org>",
        "DATA",
        "QUIT",
    ]


def test_leading_dots_are_doubled_on_the_line():
    _, _, relay = hand_over({})

    assert relay.messages == [b"Subject: One\r\n\r\n..first\r\n...second\r\n.\r\n"]


def test_a_bare_line_feed_cannot_smuggle_a_second_message():
    async def smuggling() -> bytes:
        return b".\nSubject: One\r\n\r\nfirst\n.\nMAIL FROM:<eve@example.org>\r.\r\n"

    outcome, _, relay = hand_over({}, smuggling)

    assert outcome.kind is OutcomeKind.sent
    assert relay.messages == [b"..\r\nSubject: One\r\n\r\nfirst\r\n..\r\nMAIL FROM:<eve@example.org>\r\n..\r\n.\r\n"]


def test_a_real_server_receives_the_very_bytes():
    class Inbox:
        received: list[tuple[str, list[str], bytes]] = []

        async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
            self.received.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
            return "250 2.0.0 kept"

    async def talk() -> list[Outcome]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(Inbox(), hostname="inbox.example"), "127.0.0.1", 0)
        async with server:
            connection = await opened(server.sockets[0].getsockname()[1])
            outcomes = [
                await connection.send(
                    sender="post@example.org", recipient=f"{name}@bücher.example", before_data=message
                )
                for name in ("alice", "bob")
            ]
            await connection.close()
        return outcomes

    outcomes = in_virtual_time(talk())

    assert [outcome.kind for outcome in outcomes] == ["sent", "sent"]
    assert Inbox.received == [
        ("post@example.org", ["alice@xn--bcher-kva.example"], MESSAGE),
        ("post@example.org", ["bob@xn--bcher-kva.example"], MESSAGE),
    ]


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "dot"])
def test_a_4xx_is_soft_at_every_stage_and_the_line_stays_usable(stage):
    outcome, usable, _ = hand_over({stage: "451 4.7.1 greylisted"})

    assert outcome == Outcome(OutcomeKind.soft, 451, "4.7.1 greylisted")
    assert usable


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "dot"])
def test_a_421_is_soft_at_every_stage_and_ends_the_line(stage):
    outcome, usable, _ = hand_over({stage: "421 4.3.2 going down"})

    assert (outcome.kind, outcome.code) == (OutcomeKind.soft, 421)
    assert not usable


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "dot"])
def test_a_5xx_is_hard_at_every_stage_and_tells_its_enhanced_code(stage):
    outcome, usable, _ = hand_over({stage: "554 5.7.1 not from you"})

    assert (outcome.kind, outcome.code, outcome.enhanced) == (OutcomeKind.hard, 554, "5.7.1")
    assert not outcome.bad_address
    assert usable


def test_a_refused_transaction_is_reset_before_the_next_letter():
    relay = FaultyRelay({"RCPT": ["550 5.1.1 no such user", "250 fine"]})

    async def talk() -> list[Outcome]:
        async with listening(relay) as port:
            connection = await opened(port)
            outcomes = [
                await connection.send(sender="post@example.org", recipient=to, before_data=message)
                for to in ("alice@example.org", "bob@example.org")
            ]
            await connection.close()
            return outcomes

    outcomes = in_virtual_time(talk())

    assert [outcome.kind for outcome in outcomes] == ["hard", "sent"]
    assert [command for command in relay.commands if command[:4] in ("MAIL", "RSET")][1:2] == ["RSET"]


@pytest.mark.parametrize("answer", [DROP, SILENCE, "500 5.5.1 what"])
def test_a_line_whose_reset_is_not_agreed_is_not_used_again(answer):
    outcome, usable, _ = hand_over({"RCPT": "450 4.2.1 later", "RSET": answer})

    assert outcome.kind is OutcomeKind.soft
    assert not usable


def test_a_letter_held_back_is_never_begun(manner):
    outcome, usable, relay = hand_over({}, held_back)

    # Where DATA is on its way already, only a lost line keeps the relay from a message.
    singly = manner is Manner.singly
    assert outcome.kind is OutcomeKind.not_begun
    assert usable == singly
    assert relay.commands[3:] == (["RSET", "QUIT"] if singly else ["DATA"])
    assert relay.messages == []


def test_the_null_return_path_is_an_empty_one():
    relay = FaultyRelay({})

    async def talk() -> None:
        async with listening(relay) as port:
            connection = await opened(port)
            await connection.send(sender="", recipient="alice@example.org", before_data=message)
            await connection.close()

    in_virtual_time(talk())

    assert relay.commands[1] == "MAIL FROM:<>"


def test_the_intent_is_asked_for_only_once_the_recipient_is_accepted():
    async def unexpected() -> bytes:
        raise AssertionError("asked for a refused recipient")

    outcome, _, _ = hand_over({"RCPT": "450 4.2.1 later"}, unexpected)

    assert outcome.kind is OutcomeKind.soft


@pytest.mark.parametrize("fault", [DROP, SILENCE])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_silence_before_the_dot_is_soft(stage, fault, manner):
    outcome, usable, _ = hand_over({stage: fault})

    # A relay that only forgot the rest of a group gets the letter at once, one command at a time.
    forgot = fault == SILENCE and manner is not Manner.singly
    assert (outcome.kind, outcome.code) == (OutcomeKind.not_begun if forgot else OutcomeKind.soft, None)
    assert forgot or outcome.reply.startswith(f"no reply to {stage}: ")
    assert not usable


@pytest.mark.parametrize("fault", [DROP, SILENCE])
def test_silence_after_the_dot_is_in_doubt(fault):
    outcome, usable, _ = hand_over({"dot": fault})

    assert (outcome.kind, outcome.code) == (OutcomeKind.in_doubt, None)
    assert not usable


@pytest.mark.parametrize(("stage", "kind"), [("MAIL", "soft"), ("RCPT", "soft"), ("DATA", "soft"), ("dot", "in_doubt")])
@pytest.mark.parametrize("gibberish", ["what?", "199 odd"])
def test_a_reply_nobody_can_read_counts_as_silence(stage, kind, gibberish):
    outcome, usable, _ = hand_over({stage: gibberish})

    assert outcome.kind == kind
    assert not usable


def test_a_line_lost_while_the_intent_is_committed_is_soft():
    async def talk() -> Outcome:
        async with listening(FaultyRelay({})) as port:
            connection = await opened(port)

            async def slowly() -> bytes:
                connection._line.cut()
                await asyncio.sleep(0.05)
                return MESSAGE

            outcome = await connection.send(sender="", recipient="alice@example.org", before_data=slowly)
            await connection.close()
            return outcome

    outcome = in_virtual_time(talk())

    assert outcome == Outcome(OutcomeKind.soft, None, "the relay closed the connection before DATA")


def test_an_interrupted_letter_cuts_the_line():
    class StopError(Exception):
        pass

    async def stop() -> bytes:
        raise StopError

    relay = FaultyRelay({})

    async def talk() -> bool:
        async with listening(relay) as port:
            connection = await opened(port)
            with pytest.raises(StopError):
                await connection.send(sender="", recipient="alice@example.org", before_data=stop)
            await connection.close()
            return connection.usable

    assert not in_virtual_time(talk())
    assert relay.messages == []


@pytest.mark.parametrize(
    "recipient", ["jür gen@example.org", "alice@example.org>\r\nDATA", "nobody", "a b@example.org"]
)
def test_an_address_that_no_relay_can_take_is_refused_here(recipient):
    outcome, usable, relay = hand_over({}, recipient=recipient)

    assert (outcome.kind, outcome.code, outcome.bad_address) == (OutcomeKind.hard, None, True)
    assert usable
    assert relay.commands == ["EHLO sender.example", "QUIT"]


def test_the_words_of_a_relay_become_one_line_that_every_store_can_hold():
    outcome, _, _ = hand_over({"RCPT": "550-5.1.1 no\x00 such\r\n550 5.1.1 " + "x" * 3_000})

    assert outcome.reply.startswith("5.1.1 no such 5.1.1 xxx")
    assert len(outcome.reply) == 1_000


@pytest.mark.parametrize(
    ("code", "reply", "stage", "kind", "bad_address"),
    [
        (550, "5.1.1 no such user", Stage.rcpt, "hard", True),
        (550, "5.1.10 null MX", Stage.dot, "hard", True),
        (550, "no such user", Stage.rcpt, "hard", True),
        (551, "not here", Stage.rcpt, "hard", True),
        (553, "odd name", Stage.rcpt, "hard", True),
        (554, "no", Stage.rcpt, "hard", False),
        (550, "spam", Stage.dot, "hard", False),
        (550, "5.7.1 policy", Stage.rcpt, "hard", False),
        (550, "5.1.8 your domain does not exist", Stage.rcpt, "hard", False),
        (550, "5.1.0 sender refused", Stage.mail, "hard", False),
        (552, "too many recipients", Stage.rcpt, "soft", False),
        (552, "5.2.2 mailbox full", Stage.dot, "soft", False),
        (550, "5.2.2 mailbox full", Stage.rcpt, "soft", False),
        (552, "5.3.4 too big", Stage.dot, "hard", False),
        (552, "5.2.3 too long", Stage.dot, "hard", False),
        (552, "too big", Stage.mail, "hard", False),
        (452, "4.3.1 no space", Stage.rcpt, "soft", False),
    ],
)
def test_a_refusal_is_judged_by_its_codes(code, reply, stage, kind, bad_address):
    outcome = classify(code, reply, stage)

    assert (outcome.kind, outcome.bad_address) == (kind, bad_address)


@pytest.mark.parametrize("reply", ["no code", "4.1.1 of another class", "5.1.1.1 no code either", "see 5.1.1"])
def test_only_a_matching_code_at_the_start_is_an_enhanced_code(reply):
    assert Outcome(OutcomeKind.hard, 550, reply).enhanced is None


def open_failure(script: Mapping[str, str | list[str]], **changes: object) -> RelayDown:
    async def talk() -> None:
        async with listening(FaultyRelay(script)) as port:
            await opened(port, **changes)

    with pytest.raises(RelayDown) as caught:
        in_virtual_time(talk())
    return caught.value


def test_no_server_at_all_is_a_relay_that_is_down():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        with pytest.raises(RelayDown, match=f"relay main at 127.0.0.1:{port}: .*letters wait"):
            in_virtual_time(opened(port))


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ({"greeting": "554 5.7.1 go away"}, 554),
        ({"greeting": "421 busy"}, 421),
        ({"greeting": DROP}, None),
        ({"EHLO": DROP}, None),
    ],
)
def test_a_relay_that_does_not_greet_us_is_down(script, code):
    assert open_failure(script).code == code


def test_a_refused_sign_in_names_the_reply_and_hides_the_password():
    script = {"EHLO": "250-faulty\r\n250 AUTH PLAIN", "AUTH": "535 5.7.8 wrong"}

    down = open_failure(script, username="alice", password="s3cret")

    assert down.code == 535
    assert "535 5.7.8 wrong" in str(down)
    assert "s3cret" not in str(down) + repr(settings(25, password="s3cret"))


def test_a_relay_without_starttls_is_never_spoken_to_in_plain_text():
    down = open_failure({}, tls="starttls", username="alice", password="s3cret")

    assert "STARTTLS" in str(down)


def test_a_plain_relay_is_no_relay_for_implicit_tls():
    assert open_failure({}, tls="implicit").code is None


@pytest.mark.parametrize(("size", "kind"), [("20", "hard"), ("2000000", "sent"), ("0", "sent"), ("", "sent")])
def test_a_letter_bigger_than_the_relay_takes_is_an_error_of_its_content(size, kind):
    offered = f"250-faulty\r\n250 SIZE {size}"

    outcome, _, relay = hand_over({"EHLO": offered})

    assert (outcome.kind, outcome.bad_address) == (kind, False)
    assert kind == "sent" or outcome.reply.startswith("5.3.4 the letter has 34 bytes, and the relay takes 20")
    assert len(relay.messages) == (kind == "sent")
