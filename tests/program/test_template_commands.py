"""Templates of the operator's own, from the command line to the letter."""

from pathlib import Path

import pytest

from fascicle.sink import sink
from tests.program.running import Program


@pytest.fixture
def own(replay: Program) -> Program:
    """A replay with a folder for templates."""
    (replay.folder / "own").mkdir()
    replay.configure("# templates: templates  ", "templates: own #")
    return replay


def test_a_letter_is_copied_changed_and_sent(own: Program, tmp_path: Path):
    copied = own("templates", "copy", "digest")
    own.write("own/email/digest/subject.txt", "Post for {{ name }}: {{ letter.posts[0].title }}\n")
    with sink(tmp_path / "received") as port:
        own.relay_at(port)
        own("subscribers", "change", "alice@example.org", "--name", "Alice")
        sent = own("editions", "send", "--now", "2026-03-02T07:00:00Z")

    [letter] = (tmp_path / "received").glob("*.eml")
    assert (copied.code, sent.code) == (0, 0)
    assert "own/email/digest/body.html." in copied.out
    assert b"Subject: Post for Alice: One\r\n" in letter.read_bytes()


def test_a_copy_never_overwrites(own: Program):
    own.write("own/email/digest/subject.txt", "Mine\n")

    copied = own("templates", "copy", "digest")

    assert "subject.txt is there already." in copied.out
    assert (own.folder / "own/email/digest/subject.txt").read_text() == "Mine\n"


def test_the_list_says_whose_each_is(own: Program):
    own("templates", "copy", "email/letter.css")

    rows = {row["template"]: row["from"] for row in own("templates", "list", "--json").rows()}

    assert rows["email/letter.css"] == "yours"
    assert rows["email/layout.html"] == "built in"


def test_check_is_content_or_names_each_mistake(own: Program):
    good = own("templates", "check")
    own.write("own/email/digest/why.txt", "Hello {{ nmae }}\n")
    bad = own("templates", "check")
    as_json = own("templates", "check", "--json")

    assert (good.code, bad.code, as_json.code) == (0, 1, 1)
    assert "letters render in every state, in en, de." in good.out
    assert bad.out == "email/digest/why.txt, line 1: 'nmae' is undefined (in digest: one chapter)\n"
    assert as_json.rows() == [{"file": "email/digest/why.txt", "line": 1, "message": "'nmae' is undefined"}]


def test_a_broken_template_is_told_and_its_letters_wait(own: Program, tmp_path: Path):
    own.write("own/email/digest/why.txt", "Hello {{ nmae }}\n")
    with sink(tmp_path / "received") as port:
        own.relay_at(port)
        done = own("editions", "send", "--now", "2026-03-02T07:00:00Z")

    assert done.code == 1
    assert "the templates of digest cannot be rendered: 'nmae' is undefined; `fascicle templates check`" in done.err
    assert own("editions", "list", "--json").rows()[0]["state"] == "sending"
    assert list((tmp_path / "received").glob("*.eml")) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("copy", "digets"), "no letter and no template 'digets'; `fascicle templates list` shows those there are"),
        (("copy", "../config.yaml"), "no letter and no template"),
    ],
)
def test_what_is_not_there_is_said(own: Program, words: tuple[str, ...], said: str):
    done = own("templates", *words)

    assert done.code == 2
    assert said in done.err


def test_a_folder_that_is_not_set_or_not_there_is_said(replay: Program):
    unset = replay("templates", "copy", "digest")
    replay.configure("# templates: templates  ", "templates: nowhere #")
    missing = replay("templates", "check")

    assert (unset.code, missing.code) == (2, 2)
    assert "config.yaml: templates: is not set" in unset.err
    assert "nowhere is no folder; make it, or leave the setting out" in missing.err
