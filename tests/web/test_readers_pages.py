"""Single readers, as operators find them, see what they were sent, and do for them what they ask for."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db.engine import Store
from db.states import Role
from db.tables import Audit
from tests.making import a_reader
from tests.web.letterbox import link_in, read
from tests.web.making import NOW
from tests.web.newsroom import MORNING, ONE_LATER, ONE_NEVER, Newsroom, a_newsroom, problem_in
from tests.web.staff import Browser, a_browser_of


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Newsroom:
    return a_newsroom(store, tmp_path, "alice", "bob", "carol")


@pytest.fixture
def ed(room: Newsroom) -> Browser:
    return a_browser_of(room.shop, Role.editor)


def found(answer_text: str) -> list[str]:
    return re.findall(r'<a href="/operator/readers/\d+/">([^<]+)</a>', answer_text)


def page_of(room: Newsroom, browser: Browser, name: str) -> str:
    """The words of a reader's page."""
    page = browser.get(f"/operator/readers/{room.reader(name).id}/").text
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("<main") :]))
    return re.sub(r" ([,.:])", r"\1", words)


@pytest.mark.parametrize(
    ("said", "names"),
    [("alice@readers.example", ["alice"]), ("B", ["bob"]), (" caROL@", ["carol"]), ("ob", []), ("%", []), ("_", [])],
)
def test_readers_are_found_by_how_their_address_begins(room: Newsroom, ed: Browser, said: str, names: list[str]):
    page = ed.post("/operator/readers/", {"address": said}).text

    assert found(page) == [f"{name}@readers.example" for name in names]
    assert ("No address begins with" in page) == (not names)


def test_of_very_many_that_begin_alike_the_others_follow_in_their_order(room: Newsroom, ed: Browser):
    with room.store.writing() as session:
        for number in range(60):
            a_reader(session, f"zoe{number:02}@readers.example", now=NOW)

    first = ed.post("/operator/readers/", {"address": "zoe"}).text
    [after] = re.findall(r'name="after" value="([^"]+)"', first)
    second = ed.post("/operator/readers/", {"address": "zoe", "after": after}).text

    assert found(first) + found(second) == [f"zoe{number:02}@readers.example" for number in range(60)]
    assert 'name="after"' not in second


def test_how_many_readers_there_are_is_shown_to_everybody(room: Newsroom):
    page = a_browser_of(room.shop, Role.viewer).get("/operator/readers/").text

    assert "<dt>gets letters</dt><dd>3</dd>" in page
    assert 'name="address"' not in page


def test_why_a_reader_did_not_get_it_is_on_their_page(room: Newsroom, ed: Browser):
    room.sends(ONE_LATER)

    assert "refused for now 1 450 4.2.1 come back later tried again Mon 9 Mar, 07:10" in page_of(room, ed, "bob")
    assert "sent 1 250 2.0.0 queued as 1" in page_of(room, ed, "alice")


def test_what_is_refused_for_good_says_that_nothing_follows(room: Newsroom, ed: Browser):
    room.sends(ONE_NEVER)

    page = page_of(room, ed, "bob")

    assert "Nothing is sent to this address" in page
    assert "refused for good 1 550 5.1.1" in page
    assert "nothing: they get no letters now" in page


def test_what_comes_next_is_told_with_its_posts(room: Newsroom, ed: Browser):
    assert "A digest, Mon 9 Mar, 07:00 Europe/Riga c1 planned" in page_of(room, ed, "alice")


def test_letters_stop_when_an_editor_says_so_and_the_record_knows_who(room: Newsroom, ed: Browser):
    alice = room.reader("alice")

    answer = ed.post(f"/operator/readers/{alice.id}/stop", {"reason": "asked by telephone"})
    relay = room.sends()

    assert "No more letters go to this reader." in ed.follow(answer).text
    assert room.reader("alice").state == "left"
    assert sorted(str(read(one)["To"]) for one in relay.messages) == [
        "Bob <bob@readers.example>",
        "Carol <carol@readers.example>",
    ]
    with room.store.reading() as session:
        noted = session.scalars(select(Audit).where(Audit.subject == f"subscriber:{alice.id}")).one()
    assert (noted.actor, noted.action, noted.detail["reason"]) == (
        "editor@example.org",
        "stop letters",
        "asked by telephone",
    )


def test_a_reader_is_sent_the_link_by_which_they_choose(room: Newsroom, ed: Browser):
    alice = room.reader("alice")

    answer = ed.post(f"/operator/readers/{alice.id}/preferences")
    relay = room.sends(at=room.shop.machine)

    [letter] = [read(one) for one in relay.messages]
    assert "A letter with the link is on its way." in ed.follow(answer).text
    assert str(letter["Subject"]) == "Choose how letters from My serials come"
    assert room.shop.get(link_in(letter, "preferences")).status_code == 200


def test_who_left_is_sent_no_link(room: Newsroom, ed: Browser):
    alice = room.reader("alice")
    ed.post(f"/operator/readers/{alice.id}/stop")

    answer = ed.post(f"/operator/readers/{alice.id}/preferences")

    assert answer.status_code == 409
    assert "alice@readers.example gets no letters: left." in problem_in(answer.text)


def test_letters_go_on_once_a_mailbox_that_was_at_fault_works_again(room: Newsroom, ed: Browser):
    room.sends(ONE_NEVER)
    bob = room.reader("bob")

    answer = ed.post(f"/operator/readers/{bob.id}/lift", {"resume": "1", "reason": "mended"})
    relay = room.sends(at=MORNING + timedelta(days=1))

    assert "Their letters go on." in ed.follow(answer).text
    assert room.reader("bob").state == "active"
    assert "Bob <bob@readers.example>" in [str(read(one)["To"]) for one in relay.messages]


def test_a_suppression_is_lifted_without_letters_going_on(room: Newsroom, ed: Browser):
    room.sends(ONE_NEVER)

    ed.post("/operator/suppressions/lift", {"email": "bob@readers.example"})

    assert room.reader("bob").state == "left"


def test_an_address_is_put_on_the_list_found_there_and_taken_off(room: Newsroom, ed: Browser):
    added = ed.post("/operator/suppressions/add", {"email": "Carol@readers.example", "reason": "asked by letter"})
    listed = ed.follow(added).text
    asked = ed.post("/operator/suppressions/find", {"email": "carol@READERS.example"}).text
    relay = room.sends()

    assert "Nothing goes to this address any more." in listed
    assert "asked by letter" in asked
    assert len(relay.messages) == 2
    assert "is not on the list" in ed.post("/operator/suppressions/find", {"email": "dan@example.org"}).text


def test_the_list_is_exported_by_owners_as_the_import_takes_it_back(room: Newsroom, ed: Browser):
    ed.post("/operator/suppressions/add", {"email": "carol@readers.example", "reason": "=cmd()"})
    owner = a_browser_of(room.shop, Role.owner)

    taken, refused = owner.get("/operator/suppressions/export.csv"), ed.get("/operator/suppressions/export.csv")

    head, row = taken.text.splitlines()
    assert refused.status_code == 403
    assert head == "email,fingerprint,kind,reason,since"
    assert row.startswith("carol@readers.example,")
    assert ",operator,'=cmd()," in row
    assert taken.headers["cache-control"] == "no-store"


def test_what_is_not_there_is_not_found(room: Newsroom, ed: Browser):
    for path in ("readers/999/", "readers/0/", f"readers/{2**70}/", "imports/999/", "editions/999/"):
        assert ed.get(f"/operator/{path}").status_code == 404


def test_searching_by_address_leaves_no_address_in_any_url(room: Newsroom, ed: Browser):
    page = ed.post("/operator/readers/", {"address": "alice"}).text

    assert "alice" not in "".join(re.findall(r'(?:href|action)="([^"]*)"', page))


def test_every_reader_can_be_looked_at_whatever_their_state(room: Newsroom, ed: Browser):
    with room.store.writing() as session:
        for state in ("pending", "active", "paused", "left", "suppressed"):
            a_reader(session, f"{state}@readers.example", now=NOW).state = state
    ids = [room.reader(state).id for state in ("pending", "active", "paused", "left", "suppressed")]

    assert [ed.get(f"/operator/readers/{one}/").status_code for one in ids] == [200] * 5


def test_very_many_readers_are_counted_once_a_minute_and_the_page_says_when(
    room: Newsroom, ed: Browser, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("web.operator.counted.FEW", 2)
    moments = [NOW]
    room.shop.calendar = lambda: moments[-1]
    first = ed.get("/operator/readers/").text
    with room.store.writing() as session:
        a_reader(session, "zoe@readers.example", now=NOW)

    moments.append(NOW + timedelta(seconds=59))
    second = ed.get("/operator/readers/").text
    moments.append(NOW + timedelta(seconds=60))
    third = ed.get("/operator/readers/").text

    assert [readers_in(page) for page in (first, second, third)] == [3, 3, 4]
    assert ["as they were counted on" in page for page in (first, second, third)] == [False, True, False]


def readers_in(page: str) -> int:
    """How many are counted in all states together."""
    counts = page[page.index('<dl class="counts">') : page.index("</dl>")]
    return sum(int(one) for one in re.findall(r"<dd>(\d+)</dd>", counts))
