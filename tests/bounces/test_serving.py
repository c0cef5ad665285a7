"""`serve` takes what comes back by its port and from a mailbox, as a process beside real servers."""

import os
import smtplib
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bounces import mailserver
from tests.bounces.dovecot import HERE, PASSWORD, USER, Dovecot, dovecot
from tests.bounces.shapes import postfix
from tests.mail.faulty import FaultyRelay
from tests.ports import free_port
from tests.program.running import Program
from tests.program.test_serve import PATIENCE, PROGRAM, until
from tests.sending.office import running

pytestmark = pytest.mark.slow

ADDRESS = "alice@example.org"


@contextmanager
def serving(program: Program, *, roles: str = "worker") -> Iterator[subprocess.Popen[bytes]]:
    with (program.folder / "log.txt").open("wb") as log:
        child = subprocess.Popen([*PROGRAM, "serve", "--roles", roles], cwd=program.folder, stderr=log)
        try:
            yield child
        finally:
            child.terminate()
            assert child.wait(PATIENCE) == 0


def state(program: Program) -> str:
    with sqlite3.connect(program.folder / "fascicle.db") as store:
        return str(store.execute("SELECT state FROM subscribers").fetchone()[0])


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def set_up(program: Program, settings: str) -> str:
    """A store in which Alice was sent a letter; gives its return path."""
    stock(program, settings)
    relay = FaultyRelay({})
    with running(relay) as port:
        program.relay_at(port)
        assert program("release").code == 0
        assert program("editions", "send").code == 0
    [sender] = [line for line in relay.commands if line.startswith("MAIL FROM:")]
    return sender.removeprefix("MAIL FROM:<").rstrip(">")


def stock(program: Program, settings: str, *, reader: str = ADDRESS) -> None:
    """A store with one reader and a chapter that is due."""
    assert program("init").code == 0
    program.write("config.yaml", (program.folder / "config.yaml").read_text() + settings)
    assert program("series", "create", "rain", "--title", "Rain", "--zone", "UTC").code == 0
    assert program("subscribers", "add", reader, "--frequency", "instant").code == 0
    program.write("chapters/one.md", "---\ntitle: One\n---\nIt rained.\n")
    assert program("import", "chapters", "--series", "rain").code == 0
    _make_due(program)


def _make_due(program: Program) -> None:
    with sqlite3.connect(program.folder / "fascicle.db") as store:
        store.execute(
            "UPDATE posts SET state = 'planned', wall = datetime('now', '-1 minute'), "
            "due_at = datetime('now', '-1 minute')"
        )


def lmtp(port: int) -> smtplib.LMTP:
    return smtplib.LMTP("127.0.0.1", port, timeout=PATIENCE)


def answers(port: int) -> bool:
    try:
        lmtp(port).quit()
    except OSError:
        return False
    return True


def test_what_a_mail_server_hands_over_takes_effect(program: Program):
    port = free_port()
    path = set_up(program, f"\nbounces: {{address: bounces@lists.example, lmtp: '127.0.0.1:{port}'}}\n")

    with serving(program):
        until(lambda: answers(port))
        with lmtp(port) as client:
            refused = client.sendmail("", [path], postfix(to=path))

        assert refused == {}
        assert state(program) == "suppressed"


def test_a_second_worker_waits_for_the_port_and_takes_it_over(program: Program):
    port = free_port()
    set_up(program, f"\nbounces: {{address: bounces@lists.example, lmtp: '127.0.0.1:{port}'}}\n")

    with serving(program) as first:
        until(lambda: answers(port))
        with serving(program):
            log = program.folder / "log.txt"
            until(lambda: b"bounces are not taken here" in log.read_bytes())
            first.terminate()
            assert first.wait(PATIENCE) == 0
            until(lambda: answers(port))


@pytest.mark.skipif(not HERE and not os.environ.get("CI"), reason="no dovecot: sudo apt-get install dovecot-imapd")
def test_what_comes_into_the_mailbox_takes_effect(program: Program):
    with dovecot() as server:
        path = set_up(program, mailbox_settings(server, program))
        server.deliver(postfix(to=path))

        looked = program("doctor").out
        with serving(program):
            until(lambda: state(program) == "suppressed")
            until(lambda: server.messages() == [])

    assert "1 messages wait in INBOX" in looked


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start Postfix")
@pytest.mark.skipif(not mailserver.HERE and not os.environ.get("CI"), reason="no postfix: sudo apt-get install postfix")
def test_a_letter_that_postfix_cannot_deliver_has_its_reader_suppressed(program: Program):
    lmtp_port = free_port()
    settings = f"\nbounces: {{address: bounces@bounces.example.org, lmtp: '127.0.0.1:{lmtp_port}'}}\n"
    stock(program, settings, reader="nobody-here@mx.example")

    with mailserver.postfix(lmtp=lmtp_port) as port:
        program.relay_at(port)
        with serving(program, roles="clock,worker"):
            # A release, a letter, a report: four programs take their turns.
            until(lambda: state(program) == "suppressed", patience=4 * PATIENCE)

    [listed] = program("bounces", "list", "--json").rows()
    assert (listed["address"], listed["says"], listed["status"]) == ("nobody-here@mx.example", "hard", "5.1.1")
    assert listed["reporter"] == "mx.example"


def mailbox_settings(server: Dovecot, program: Program) -> str:
    program.write("password.txt", f"{PASSWORD}\n")
    return f"""
bounces:
  address: bounces@lists.example
  mailbox:
    host: 127.0.0.1
    port: {server.tls_port}
    username: {USER}
    password_file: password.txt
    ca_file: {server.folder}/cert.pem
"""
