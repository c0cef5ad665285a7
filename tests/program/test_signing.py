"""Keys made, shown, looked at and used from the command line."""

import re
from pathlib import Path

import dkim
import pytest

from fascicle.sink import sink
from tests.program.running import Program

SEVEN = "2026-03-02T07:00:00Z"
HEAD = "mail:\n"


@pytest.fixture
def signing(replay: Program) -> Program:
    """With an RSA and an Ed25519 key, named in the configuration as `dkim new` says."""
    entries = []
    for words in (("s1",), ("s2", "--kind", "ed25519")):
        made = replay("dkim", "new", "--selector", *words)
        assert made.code == 0
        entries += re.findall(r"^    - .*$", made.out, re.MULTILINE)
    replay.configure(HEAD, "mail:\n  dkim:\n" + "\n".join(entries) + "\n")
    return replay


def sent(program: Program, folder: Path) -> bytes:
    with sink(folder) as port:
        program.relay_at(port)
        assert program("editions", "send", "--now", SEVEN).code == 0
    [letter] = folder.glob("*.eml")
    return letter.read_bytes()


def finding(program: Program, part: str = "signing") -> dict[str, str]:
    return {row["part"]: row for row in program("doctor", "--json").rows()}[part]


def test_a_letter_is_good_by_the_records_that_are_shown(signing: Program, tmp_path: Path):
    letter = dkim.DKIM(sent(signing, tmp_path / "outbox"))
    shown = signing("dkim", "show", "--json").rows()
    records = {f"{row['name']}.".encode(): row["value"].encode() for row in shown}

    good = [letter.verify(place, dnsfunc=lambda name, timeout: records[name]) for place in (0, 1)]

    assert good == [True, True]
    assert [row["name"] for row in shown] == ["s1._domainkey.example.org", "s2._domainkey.example.org"]
    assert [row["kind"] for row in shown] == ["rsa", "ed25519"]


def test_a_new_key_comes_with_its_record_as_value_and_as_zone_line(program: Program):
    made = program("dkim", "new", "--selector", "s1", "--domain", "Bücher.example")

    key = program.folder / "dkim-s1.pem"
    value = re.search(r"^value:  (v=DKIM1; k=rsa; p=\S+)$", made.out, re.MULTILINE)
    zone = re.search(r"^s1\._domainkey\.xn--bcher-kva\.example\. IN TXT \( (.*) \)$", made.out, re.MULTILINE)
    assert key.stat().st_mode & 0o777 == 0o600
    assert "".join(re.findall(r'"([^"]*)"', zone[1])) == value[1]
    assert "- {selector: s1, key_file: dkim-s1.pem, domain: xn--bcher-kva.example}" in made.out


def test_what_new_made_show_shows(signing: Program):
    shown = signing("dkim", "show")

    assert shown.code == 0
    assert shown.out.count("value:  v=DKIM1; k=") == 2


def test_without_a_key_show_and_the_doctor_say_so(program: Program):
    assert program("dkim", "show").out == "No key is named in mail.dkim.\n"
    assert program("dkim", "show", "--json").rows() == []
    assert finding(program)["state"] == "ok"
    assert "letters go out as they are" in finding(program)["finding"]


def test_a_key_is_never_overwritten(signing: Program):
    before = (signing.folder / "dkim-s1.pem").read_bytes()

    again = signing("dkim", "new", "--selector", "s1")

    assert again.code == 2
    assert "dkim-s1.pem: is there already and is left as it is" in again.err
    assert (signing.folder / "dkim-s1.pem").read_bytes() == before


@pytest.mark.parametrize("selector", ["a b", "../s1", "", "-", "a..b", "ä"])
def test_a_selector_that_is_no_name_is_refused_and_nothing_written(program: Program, selector: str):
    before = set(program.folder.iterdir())

    done = program("dkim", "new", "--selector", selector)

    assert (done.code, set(program.folder.iterdir())) == (2, before)
    assert "is no name in the DNS" in done.err


def test_the_doctor_says_what_signs(signing: Program):
    assert finding(signing) == {
        "part": "signing",
        "state": "ok",
        "finding": "letters are signed by s1._domainkey.example.org (rsa-sha256) and "
        "s2._domainkey.example.org (ed25519-sha256)",
    }


def test_the_doctor_finds_a_key_that_others_may_read(signing: Program):
    (signing.folder / "dkim-s2.pem").chmod(0o644)

    assert finding(signing)["state"] == "wrong"
    assert "dkim-s2.pem: others may read it; run `chmod 600 dkim-s2.pem`" in finding(signing)["finding"]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ("domain: elsewhere.example", "letters come from example.org and are signed for elsewhere.example"),
        ("domain: notexample.org", "letters come from example.org and are signed for notexample.org"),
        ("until: 2020-01-01T00:00:00Z", "no key of mail.dkim is in use now"),
        ("since: 2999-01-01T00:00:00Z", "no key of mail.dkim is in use now"),
    ],
)
def test_the_doctor_finds_keys_that_do_no_good(program: Program, changed: str, problem: str):
    assert program("dkim", "new", "--selector", "s1", "--kind", "ed25519").code == 0
    program.configure(HEAD, f"mail:\n  dkim: [{{selector: s1, key_file: dkim-s1.pem, {changed}}}]\n")

    assert finding(program)["state"] == "wrong"
    assert problem in finding(program)["finding"]


def test_a_key_of_a_domain_above_or_below_the_senders_counts(program: Program):
    assert program("dkim", "new", "--selector", "s1", "--kind", "ed25519").code == 0
    program.configure(HEAD, "mail:\n  dkim: [{selector: s1, key_file: dkim-s1.pem, domain: mail.example.org}]\n")

    assert finding(program)["state"] == "ok"


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("{selector: s1, key_file: no.pem}", r"config.yaml: mail.dkim.0.key_file: \S*/no.pem: no such file"),
        ("{selector: s1, key_file: config.yaml}", "mail.dkim.0.key_file: .*config.yaml: not a private key in PEM"),
        ("{selector: s1}", "config.yaml: mail.dkim.0.key_file: is missing"),
        ("{selector: s 1, key_file: no.pem}", "config.yaml: mail.dkim.0.selector: a name in the DNS is expected"),
        ("{selector: s1, keyfile: no.pem}", "mail.dkim.0.keyfile: not a setting we know. Did you mean `key_file`"),
        ("{selector: s1, key_file: no.pem, domain: a b}", "config.yaml: mail.dkim.0.domain: 'a b' is not a domain"),
        ("{selector: s1, key_file: no.pem, since: 2026-03-01T00:00:00}", "config.yaml: mail.dkim.0.since: .*timezone"),
        (
            "{selector: s1, key_file: no.pem, since: 2026-03-02T00:00:00Z, until: 2026-03-01T00:00:00Z}",
            "config.yaml: mail.dkim.0.until: a moment after `since` is expected",
        ),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_by_path(replay: Program, entry: str, problem: str):
    replay.configure(HEAD, f"mail:\n  dkim: [{entry}]\n")

    done = replay("editions", "send", "--now", SEVEN)

    assert done.code == 2
    assert re.search(problem, done.err)


def test_two_keys_of_one_name_are_refused(signing: Program):
    signing.configure("{selector: s2,", "{selector: s1,")

    done = signing("dkim", "show")

    assert done.code == 2
    assert "config.yaml: mail.dkim.1: s1._domainkey.example.org is the name of another key too" in done.err
