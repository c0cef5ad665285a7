"""What an operator does about letters that came back, from the command line."""

import csv
import io
import json
import re
from datetime import timedelta
from threading import Event

import pytest

from fascicle.app import opened, working
from fascicle.config import read_config
from mail.verdict import Patience
from tests.bounces.shapes import absence, failed, postfix
from tests.bounces.test_hostile import with_parts
from tests.mail.faulty import FaultyRelay
from tests.program.running import Program
from tests.sending.office import running

SENDER = re.compile(r"MAIL FROM:<(.*)>")
ALICE = "alice@example.org"
BOUNCES = "\nbounces: {address: bounces@lists.example, lmtp: '127.0.0.1:2424'}\n"


def set_up(program: Program, settings: str = BOUNCES) -> None:
    program.write("config.yaml", (program.folder / "config.yaml").read_text() + settings)


@pytest.fixture
def sent(replay: Program) -> Program:
    """Alice was sent a letter."""
    set_up(replay)
    relay = FaultyRelay({})
    with running(relay) as port:
        replay.relay_at(port)
        assert replay("editions", "send", "--now", "2026-03-02T07:00:00Z").code == 0
    replay.write("path.txt", "".join(found[1] for line in relay.commands if (found := SENDER.match(line))))
    return replay


@pytest.fixture
def path(sent: Program) -> str:
    """The return path that the relay was given."""
    return (sent.folder / "path.txt").read_text()


def bounced(program: Program, message: bytes, *words: str) -> object:
    (program.folder / "back.eml").write_bytes(message)
    return program("bounces", "read", "back.eml", "--json", *words).rows()


def test_letters_go_out_under_return_paths_once_bounces_are_set_up(sent: Program, path: str):
    assert path.startswith("bounces+e")
    assert path.endswith("@lists.example")


def test_a_message_that_came_back_is_read_and_takes_effect(sent: Program, path: str):
    [row] = bounced(sent, postfix(to=path))

    assert (row["says"], row["effect"], row["address"]) == ("hard", "suppressed", ALICE)
    assert sent("subscribers", "show", ALICE, "--json").rows()["state"] == "suppressed"
    [listed] = sent("bounces", "list", "--json").rows()
    assert (listed["address"], listed["says"], listed["status"]) == (ALICE, "hard", "5.1.1")
    assert listed["words"] == f"550 5.1.1 <{ALICE}>: there is nobody of this name here"


def test_the_envelope_can_be_said_beside_the_message(sent: Program, path: str):
    [row] = bounced(sent, failed("5.1.1", to="somebody@example.org"), "--recipient", path)

    assert row["effect"] == "suppressed"


def test_what_asks_for_nothing_is_said_and_does_nothing(sent: Program, path: str):
    [row] = bounced(sent, absence(to=path))

    assert (row["says"], row["effect"]) == ("auto_reply", "nothing")
    assert sent("bounces", "list").out.strip() == "Nothing came back."


def test_a_bomb_is_refused_and_the_next_message_is_read(sent: Program, path: str):
    (sent.folder / "bomb.eml").write_bytes(with_parts(1_000))
    (sent.folder / "back.eml").write_bytes(postfix(to=path))

    done = sent("bounces", "read", "bomb.eml", "back.eml", "--json")

    assert done.code == 1
    assert "bomb.eml: not read: more than 100 parts" in done.err
    assert [row["effect"] for row in done.rows()] == ["suppressed"]


def test_bounces_are_listed_by_kind_by_reader_and_page_by_page(sent: Program, path: str):
    bounced(sent, failed("4.2.2", to=path))
    bounced(sent, failed("5.7.1", to=path))

    soft = sent("bounces", "list", "--kind", "soft", "--json").rows()
    of_alice = sent("bounces", "list", "--address", ALICE, "--limit", "1", "--json")
    older = sent("bounces", "list", "--before", str(of_alice.rows()[0]["id"]), "--json").rows()

    assert [row["says"] for row in soft] == ["soft"]
    assert [row["says"] for row in of_alice.rows()] == ["refused"]
    assert f"--before {of_alice.rows()[0]['id']} goes on" in of_alice.err
    assert [row["says"] for row in older] == ["soft"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("\nbounces: {adress: b@x.example}\n", "bounces.adress: not a setting we know. Did you mean `address`?"),
        ("\nbounces: {lmtp: '127.0.0.1:2424'}\n", "bounces.address: is missing"),
        ("\nbounces: {address: nobody}\n", "bounces.address: "),
        (f"\nbounces: {{address: {'b' * 30}@x.example}}\n", "before the @ at most 22 letters and digits"),
        ("\nbounces: {address: b@x.example, smtp: 2525}\n", "bounces.smtp: "),
        ("\nbounces: {address: b@x.example, lmtp: nowhere}\n", "bounces.lmtp: "),
        ("\nbounces: {address: b@x.example, separator: '#'}\n", "bounces.separator: "),
        ("\nbounces: {address: b@x.example, keep_days: 5}\n", "more days than `soft_days` are expected"),
        (
            "\nbounces: {address: b@x.example, mailbox: {host: x, username: b, password_file: p, tls: none}}\n",
            "bounces.mailbox.tls: the password would be readable on the way",
        ),
        (
            "\nbounces: {address: b@x.example, mailbox: {host: x, username: b}}\n",
            "password_file: is missing",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_named_by_its_path(program: Program, settings: str, said: str):
    set_up(program, settings)

    done = program("bounces", "list")

    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("bounces", "read", "back.eml"), 2, "bounces: not set; name the address that bounces come to"),
        (("suppressions", "add", "nobody"), 2, "`email`"),
        (("suppressions", "remove", ALICE), 2, f"{ALICE} is not suppressed"),
        (("suppressions", "import", "nowhere.csv"), 1, "nowhere.csv: cannot be read: No such file"),
        (("bounces", "list", "--address", "carol@example.org"), 2, "no subscriber 'carol@example.org'"),
    ],
)
def test_wrong_words_are_refused_with_what_and_why(replay: Program, words: tuple[str, ...], code: int, said: str):
    replay.write("back.eml", "Subject: x\r\n\r\n")

    done = replay(*words)

    assert (done.code, said in done.err) == (code, True), done.err


def test_a_message_that_is_not_there_is_named(sent: Program):
    done = sent("bounces", "read", "nowhere.eml")

    assert done.code == 2
    assert "nowhere.eml: cannot be read: No such file" in done.err


def test_an_operator_suppresses_somebody_and_takes_it_back(replay: Program):
    added = replay("suppressions", "add", ALICE, "--reason", "asked by telephone")
    again = replay("suppressions", "add", "ALICE@example.org")
    [listed] = replay("suppressions", "list", "--json").rows()
    removed = replay("suppressions", "remove", ALICE)

    assert (added.code, again.code, removed.code) == (0, 0, 0)
    assert "was suppressed before" in again.out
    assert (listed["email"], listed["kind"], listed["reason"]) == (ALICE, "operator", "asked by telephone")
    assert replay("suppressions", "list", "--json").rows() == []
    assert replay("subscribers", "show", ALICE, "--json").rows()["state"] == "left"


def test_letters_go_on_for_whose_server_was_at_fault(sent: Program, path: str):
    bounced(sent, postfix(to=path))

    resumed = sent("suppressions", "remove", ALICE, "--resume", "--reason", "their server was set up wrongly")

    assert resumed.code == 0
    assert sent("subscribers", "show", ALICE, "--json").rows()["state"] == "active"
    assert sent("bounces", "list", "--json").rows()[0]["forgiven"] is not None


def test_who_was_never_sent_a_letter_is_not_resumed(replay: Program):
    replay("suppressions", "add", ALICE)

    done = replay("suppressions", "remove", ALICE, "--resume")

    assert done.code == 1
    assert "was never sent a letter that could go on. Leave out --resume" in done.err
    assert replay("subscribers", "show", ALICE, "--json").rows()["state"] == "suppressed"


def test_who_left_is_not_resumed(sent: Program):
    sent("subscribers", "leave", ALICE)
    sent("suppressions", "add", ALICE)

    done = sent("suppressions", "remove", ALICE, "--resume")

    assert done.code == 1
    assert "follows nothing that could go on" in done.err


LISTED = """email,kind,reason,since
bob@example.org,hard,=1+1,2025-01-01T00:00:00Z
BOB@example.org,,,
nobody,,,
carol@example.org,annoyed,,
Dave@Example.org,complaint,"a, b",2025-02-01
alice@example.org,,,
"""


def test_a_file_of_addresses_is_taken_in_line_by_line(replay: Program):
    replay.write("list.csv", LISTED)

    done = replay("suppressions", "import", "list.csv")
    again = replay("suppressions", "import", "list.csv")

    assert done.code == 1
    assert done.out.strip() == "Lines: 3 suppressed, 1 suppressed before, 2 refused."
    assert 'list.csv, line 4: `email` "nobody"' in done.err
    assert 'list.csv, line 5: `kind` "annoyed": write one of hard, soft, complaint, operator, imported' in done.err
    assert again.out.strip() == "Lines: 4 suppressed before, 2 refused."
    assert replay("subscribers", "show", ALICE, "--json").rows()["state"] == "suppressed"


def test_each_line_can_be_had_as_json(replay: Program):
    replay.write("list.csv", LISTED)

    rows = replay("suppressions", "import", "list.csv", "--json").rows()

    assert [(row["line"], row["became"]) for row in rows] == [
        (2, "suppressed"),
        (3, "suppressed before"),
        (4, "refused"),
        (5, "refused"),
        (6, "suppressed"),
        (7, "suppressed"),
    ]


def test_a_plain_list_of_addresses_is_a_file_too(replay: Program):
    replay.write("list.txt", "bob@example.org\n\ncarol@example.org\n")

    done = replay("suppressions", "import", "list.txt")

    assert (done.code, done.out.strip()) == (0, "Lines: 2 suppressed.")


def test_no_import_of_subscribers_brings_a_listed_address_back(replay: Program):
    replay.write("list.txt", "bob@example.org\n")
    replay("suppressions", "import", "list.txt")

    joined = replay("subscribers", "add", "bob@example.org")

    assert "1 suppressed" in joined.out
    assert replay("subscribers", "show", "bob@example.org").code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("email,reson\nbob@example.org,x\n", '"reson" is no header we know; name columns of email,fingerprint'),
        ("reason\nx\n", '"reason" is no header we know'),
        ('email\n"bob@example.org\n', "line 2: is not CSV from here on"),
        ("email\nbob@example.org,x\n", "line 2: has 2 values for 1 columns"),
        ("email,since\nbob@example.org,monday\n", 'line 2: `since` "monday": write an instant'),
        ("email,fingerprint\n,abc\n", "line 2: `email` is missing, and `fingerprint` is none"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(replay: Program, text: str, said: str):
    replay.write("list.csv", text)

    done = replay("suppressions", "import", "list.csv")

    assert done.code == 1
    assert said in done.err
    assert replay("suppressions", "list", "--json").rows() == []


def test_bytes_that_are_not_utf_8_are_named_by_their_line(replay: Program):
    (replay.folder / "list.csv").write_bytes(b"email\nbob@example.org\nb\xfcrger@example.org\n")

    done = replay("suppressions", "import", "list.csv")

    assert "line 3: has bytes that are not UTF-8" in done.err
    assert "1 suppressed" in done.out


def test_what_is_exported_can_be_imported_elsewhere(replay: Program):
    replay.write("list.csv", LISTED)
    replay("suppressions", "import", "list.csv")

    done = replay("suppressions", "export", "--to", "all.csv")
    printed = replay("suppressions", "export").out
    as_json = replay("suppressions", "export", "--json").rows()

    text = (replay.folder / "all.csv").read_text()
    rows = {row["email"]: row for row in csv.DictReader(io.StringIO(text))}
    assert done.out.strip() == "all.csv: 3 addresses."
    assert printed == text
    assert sorted(rows) == sorted(row["email"] for row in as_json)
    assert rows["bob@example.org"]["reason"] == "'=1+1"
    assert rows["bob@example.org"]["since"] == "2025-01-01T00:00:00Z"
    assert replay("suppressions", "import", "all.csv").out.strip() == "Lines: 3 suppressed before."


def test_the_fingerprint_of_an_erased_address_can_be_taken_back(replay: Program):
    replay("suppressions", "add", ALICE)
    mark = replay("suppressions", "list", "--json").rows()[0]["fingerprint"]
    replay("suppressions", "remove", ALICE)
    replay.write("list.csv", f"email,fingerprint,kind\n,{mark},hard\n")

    done = replay("suppressions", "import", "list.csv")

    assert done.code == 0
    assert replay("subscribers", "show", ALICE, "--json").rows()["state"] == "suppressed"
    assert json.loads(replay("suppressions", "list", "--json").out)[0]["email"] is None


def test_the_doctor_says_by_which_ways_bounces_come_in(program: Program):
    without = program("doctor", "--json").rows()
    set_up(program)
    with_port = program("doctor", "--json").rows()
    program.configure(", lmtp: '127.0.0.1:2424'", "")
    no_way = program("doctor", "--json").rows()

    found = [next(row for row in rows if row["part"] == "bounces") for rows in (without, with_port, no_way)]
    assert [row["state"] for row in found] == ["ok", "ok", "wrong"]
    assert "nobody is suppressed by it" in found[0]["finding"]
    assert found[1]["finding"] == "come to bounces@lists.example, lmtp at 127.0.0.1:2424"
    assert "no way in; name bounces.lmtp, bounces.smtp or bounces.mailbox" in found[2]["finding"]


def test_how_patient_we_are_with_what_relays_say_is_a_setting(program: Program):
    set_up(program, BOUNCES.replace("}", ", soft_editions: 3, soft_days: 4}"))

    with opened(read_config(program.folder / "config.yaml")) as app, working(app, stopping=Event()) as passes:
        patience = passes.letters.patience

    assert patience == Patience(3, timedelta(days=4))
