"""What goes out, as operators see and steer it; what will, as they see it before."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db.engine import Store
from db.states import Role
from db.tables import Audit, Delivery
from scheduler import steer
from scheduler.steer import BREAKER, By
from tests.web.letterbox import read
from tests.web.newsroom import KEY, MORNING, NAME, ONE_LATER, ONE_NEVER, Newsroom, a_newsroom, in_doubt, problem_in
from tests.web.staff import Browser, a_browser_of


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Newsroom:
    return a_newsroom(store, tmp_path, "alice", "bob", "carol")


def counts_in(page: str) -> dict[str, int]:
    found = re.findall(r"<dt>(?:<span[^>]*></span>)?([^<]+)</dt><dd>(\d+)</dd>", page)
    return {name: int(count) for name, count in found}


def path_of(room: Newsroom, rest: str = "", *, key: str = KEY) -> str:
    return f"/operator/editions/{room.edition(key).id}/{rest}"


def test_an_edition_on_its_way_is_shown_with_its_letters_by_state(room: Newsroom):
    room.sends(ONE_LATER)
    vera = a_browser_of(room.shop, Role.viewer)

    page, one = vera.get("/operator/editions/").text, vera.get(path_of(room)).text

    assert counts_in(page) == counts_in(one)
    assert counts_in(one) == {"sent": 2, "in doubt": 0, "refused for now": 1, "refused for good": 0, "waiting": 0}
    assert NAME in page[page.index('id="now-going"') : page.index('id="next"')]
    assert KEY in one
    assert "0.0 letters a second" in one


def test_a_part_of_the_page_is_asked_for_again_until_the_edition_ends(room: Newsroom):
    room.sends(ONE_LATER)
    vera = a_browser_of(room.shop, Role.viewer)
    page = vera.get(path_of(room)).text
    [again] = re.findall(r'id="progress"[^>]*hx-get="([^"]+)" hx-trigger="every 2s"', page)
    before = vera.get(again, hx_request="true")

    room.sends(at=MORNING + timedelta(hours=1))

    ended, whole = vera.get(again, hx_request="true"), vera.get(path_of(room)).text
    assert "<html" not in before.text
    assert counts_in(before.text)["sent"] == 2
    assert ended.headers["hx-refresh"] == "true"
    assert counts_in(whole)["sent"] == 3
    assert "hx-trigger" not in whole


def test_the_list_looks_again_only_while_something_is_on_its_way(room: Newsroom):
    vera = a_browser_of(room.shop, Role.viewer)
    before = vera.get("/operator/editions/").text
    room.sends(ONE_LATER)
    during = vera.get("/operator/editions/").text
    [again] = re.findall(r'hx-get="([^"]+)" hx-trigger="every 2s"', during)
    same = vera.get(again)

    room.sends(at=MORNING + timedelta(hours=1))

    assert "hx-trigger" not in before
    assert 'id="now-going"' in same.text
    assert vera.get(again).headers["hx-refresh"] == "true"
    after = vera.get("/operator/editions/").text
    assert NAME in after[after.index('id="went"') :]


def test_an_editor_pauses_resumes_and_cancels_and_the_record_says_why(room: Newsroom):
    room.sends(ONE_LATER)
    ed = a_browser_of(room.shop, Role.editor)

    ed.post(path_of(room, "pause"), {"reason": "a wrong picture"})
    paused = room.edition().state
    ed.post(path_of(room, "resume"))
    resumed = room.edition().state
    ed.post(path_of(room, "cancel"))

    assert (paused, resumed, room.edition().state) == ("paused", "due", "cancelled")
    assert room.letters()["bob@readers.example"].state == "superseded"
    with room.store.reading() as session:
        said = session.execute(select(Audit.actor, Audit.action, Audit.detail).order_by(Audit.id)).all()
    assert ("editor@example.org", "pause", {"reason": "a wrong picture"}) in said
    assert "a wrong picture" in ed.get(path_of(room)).text


def test_what_cannot_be_done_is_told_beside_what_is(room: Newsroom):
    room.sends()
    ed = a_browser_of(room.shop, Role.editor)

    answer = ed.post(path_of(room, "pause"))

    assert answer.status_code == 409
    assert "it is finished" in problem_in(answer.text)
    assert counts_in(answer.text)["sent"] == 3


def test_refused_letters_are_tried_now_when_an_editor_says_so(room: Newsroom):
    room.sends(ONE_LATER)
    ed = a_browser_of(room.shop, Role.editor)
    waits = room.letters()["bob@readers.example"]

    ed.post(path_of(room, "letters/retry"), {"letter": str(waits.id)})
    relay = room.sends(at=MORNING + timedelta(seconds=2))

    assert waits.retry_at > MORNING + timedelta(seconds=2)
    assert len(relay.messages) == 1
    assert room.letters()["bob@readers.example"].state == "sent"


def test_a_letter_in_doubt_is_sent_again_with_the_same_bytes_or_left_as_sent(room: Newsroom):
    first = room.sends()
    bob, carol = in_doubt(room, "bob"), in_doubt(room, "carol")
    ed = a_browser_of(room.shop, Role.editor)

    ed.post(path_of(room, "letters/settle"), {"letter": str(carol), "reason": "the log of the relay has it"})
    ed.post(path_of(room, "letters/resend"), {"letter": str(bob)})
    again = room.sends(at=MORNING + timedelta(minutes=1))

    assert [read(one)["To"] for one in again.messages] == ["Bob <bob@readers.example>"]
    assert again.messages[0] in first.messages
    assert room.letters()["carol@readers.example"].settled_at is not None
    assert "settled: counts as sent" in ed.get(path_of(room)).text


def test_a_letter_of_another_edition_is_not_decided_about_here(room: Newsroom):
    room.sends()
    doubtful = in_doubt(room, "bob")
    room.sends(at=MORNING + timedelta(days=1))
    other = path_of(room, "letters/settle", key="digest:Europe/Riga:07:2026-03-10")
    ed = a_browser_of(room.shop, Role.editor)

    answer, nothing = ed.post(other, {"letter": str(doubtful)}), ed.post(other)

    assert answer.status_code == 404
    assert (nothing.status_code, problem_in(nothing.text)) == (422, "! Choose at least one letter.")


def test_an_editor_reads_the_words_of_the_relay_and_a_viewer_its_code(room: Newsroom):
    room.sends(ONE_NEVER)
    ed, vera = a_browser_of(room.shop, Role.editor), a_browser_of(room.shop, Role.viewer)

    assert "5.1.1 &lt;bob@readers.example&gt; is nobody" in ed.get(path_of(room)).text
    page = vera.get(path_of(room)).text
    assert "550" in page
    assert "is nobody" not in page


def test_a_viewer_sees_how_it_goes_and_nobodys_address(room: Newsroom):
    room.sends(ONE_NEVER)
    in_doubt(room, "alice")
    steer.pause(room.store, KEY, By(BREAKER, MORNING, "the relay said: 550 <bob@readers.example> is nobody"))
    vera = a_browser_of(room.shop, Role.viewer)
    edition = room.edition().id
    pages = ["", "editions/", f"editions/{edition}/", f"letter/?edition={edition}", f"letter/frame?edition={edition}",
             "ahead/?on=2026-03-10", "readers/", "figures/", "audit/"]  # fmt: skip

    seen = {path: vera.get(f"/operator/{path}") for path in pages}
    refused = [vera.get(f"/operator/{path}").status_code for path in ("readers/1/", "imports/", "suppressions/")]

    assert {answer.status_code for answer in seen.values()} == {200}
    assert [path for path, answer in seen.items() if "readers.example" in answer.text] == []
    assert "Alice" not in seen[f"letter/frame?edition={edition}"].text
    assert refused == [403, 403, 403]


def test_an_editor_gets_a_letter_on_trial_whose_links_do_nothing(room: Newsroom):
    ed = a_browser_of(room.shop, Role.editor)
    page = ed.get("/operator/letter/?post=primer/c1").text
    answer = ed.post("/operator/letter/test", {"post": "primer/c1"})

    relay = room.sends(at=room.shop.machine)

    letter = read(relay.messages[0])
    assert "Send it to editor@example.org on trial" in page
    assert (letter["To"], letter["Subject"]) == ("editor@example.org", "[Test] Chapter 1 · The Primer, chapter 1")
    assert letter["List-Unsubscribe"] is None
    assert "/unsubscribe/" not in letter.get_body(("html",)).get_content()
    assert counts_in(ed.follow(answer).text)["sent"] == 1


def test_an_editor_gets_a_post_on_trial_from_where_they_look_at_it(room: Newsroom):
    ed = a_browser_of(room.shop, Role.editor)
    page = ed.get("/operator/posts/primer/c1/look/?view=letter").text
    [form] = re.findall(
        r'<form class="row" method="post" action="(/operator/letter/test)">(.*?)</form>', page, re.DOTALL
    )
    post = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1]))
    answer = ed.post(form[0], post)

    relay = room.sends(at=room.shop.machine)

    letter = read(relay.messages[0])
    assert "Send its letter to editor@example.org on trial" in form[1]
    assert (letter["To"], letter["Subject"]) == ("editor@example.org", "[Test] Chapter 1 · The Primer, chapter 1")
    assert "/unsubscribe/" not in letter.get_body(("html",)).get_content()
    assert counts_in(ed.follow(answer).text)["sent"] == 1


def test_who_only_looks_is_offered_no_letter_on_trial_and_gets_none(room: Newsroom):
    vera = a_browser_of(room.shop, Role.viewer)

    page = vera.get("/operator/posts/primer/c1/look/").text
    refused = vera.post("/operator/letter/test", {"post": "primer/c1"})

    assert "on trial" not in page
    assert refused.status_code == 403
    assert room.letters() == {}


def test_no_more_letters_on_trial_go_to_one_operator_than_twenty_an_hour(room: Newsroom):
    ed, ada = a_browser_of(room.shop, Role.editor), a_browser_of(room.shop, Role.owner)
    asked = [ed.post("/operator/letter/test", {"post": "primer/c1"}) for _ in range(21)]
    other = ada.post("/operator/letter/test", {"post": "primer/c1"})
    room.comes_to(room.shop.machine + timedelta(hours=1))
    later = ed.post("/operator/letter/test", {"post": "primer/c1"})

    assert [answer.status_code for answer in asked] == [303] * 20 + [429]
    assert "20 letters on trial an hour are the most" in problem_in(asked[-1].text)
    assert (other.status_code, later.status_code) == (303, 303)


def test_a_letter_on_trial_moves_nobody(room: Newsroom):
    room.sends()
    ed = a_browser_of(room.shop, Role.editor)

    ed.post("/operator/letter/test", {"edition": str(room.edition().id)})
    relay = room.sends(at=MORNING + timedelta(minutes=1))

    assert [read(one)["To"] for one in relay.messages] == ["editor@example.org"]
    assert len(room.letters()) == 4


def test_what_was_foreseen_of_a_day_is_what_happens_on_it(room: Newsroom):
    vera = a_browser_of(room.shop, Role.viewer)
    page = vera.get("/operator/ahead/?on=2026-03-09").text
    [letter] = re.findall(r'href="(/operator/letter/\?on=[^"]+)"', page)
    foreseen = vera.get(letter.replace("&amp;", "&").replace("letter/?", "letter/frame?")).text

    relay = room.sends()

    sent = read(relay.messages[0]).get_body(("html",)).get_content()
    assert NAME in page
    assert "3 letters" in page
    assert "primer/feed" in page
    assert len(relay.messages) == 3
    assert words_of(foreseen) == words_of(sent).replace("Alice", "")


def words_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def test_a_later_day_counts_what_will_have_been_sent_by_then(room: Newsroom):
    vera = a_browser_of(room.shop, Role.viewer)

    page = vera.get("/operator/ahead/?on=2026-03-11").text

    assert "Digest of 11 March 2026, 07:00 Europe/Riga" in page
    assert "Digest of 10 March 2026, 07:00 Europe/Riga" not in page
    assert re.search(r'3 letters</a> <span class="quiet">c3</span>', page)


@pytest.mark.parametrize(
    ("on", "words"),
    [
        ("2026-03-05", "is over"),
        ("2027-06-01", "more than a year away"),
        ("soon", "soon"),
        ("2026-02-30", "2026-02-30"),
    ],
)
def test_a_day_that_cannot_be_looked_at_is_told(room: Newsroom, on: str, words: str):
    answer = a_browser_of(room.shop, Role.viewer).get(f"/operator/ahead/?on={on}")

    assert answer.status_code == 422
    assert words in problem_in(answer.text)


@pytest.mark.parametrize(
    "query", ["", "post=primer/nothing", "post=x", "edition=99", "edition=x", "on=2026-03-09&key=x"]
)
def test_what_is_no_letter_is_told_and_nothing_is_sent(room: Newsroom, query: str):
    ed = a_browser_of(room.shop, Role.editor)
    fields = dict(part.split("=") for part in query.split("&") if part)

    shown, sent = ed.get(f"/operator/letter/?{query}"), ed.post("/operator/letter/test", fields)

    assert shown.status_code in (404, 422)
    assert sent.status_code in (404, 422)
    with room.store.reading() as session:
        assert session.scalars(select(Delivery)).all() == []


def test_no_post_of_a_relay_or_a_reason_is_ever_markup(room: Newsroom):
    room.sends({"RCPT": ["250 fine", "550 5.1.1 <script>alert(1)</script>", "250 fine"]})
    ed = a_browser_of(room.shop, Role.editor)
    ed.post("/operator/readers/", {"address": "<script>alert(1)</script>"})
    bob = room.reader("bob").id

    for path in (path_of(room), f"/operator/readers/{bob}/", "/operator/suppressions/"):
        page = ed.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_a_stranger_is_led_to_where_they_can_sign_in(room: Newsroom):
    answer = Browser(room.shop).get("/operator/editions/now", hx_request="true")

    assert answer.headers["hx-redirect"].startswith("/operator/sign-in")
