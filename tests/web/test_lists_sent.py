"""Lists of readers and of suppressed addresses that operators send by a page."""

from pathlib import Path

import pytest

from db.engine import Store
from db.states import Role
from scheduler.readers import ReaderDefaults
from scheduler.uploads import UploadTaker
from tests.making import TOKENS
from tests.web.making import NOW
from tests.web.newsroom import Newsroom, a_newsroom, problem_in
from tests.web.staff import Browser, a_browser_of
from web import uploads

EDGE = "----a-boundary"


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Newsroom:
    return a_newsroom(store, tmp_path, "alice")


def body(fields: dict[str, str], file: str | None, *, name: str = "mine.csv") -> bytes:
    begin = f"--{EDGE}\r\nContent-Disposition: form-data; name="
    parts = [f'{begin}"{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()]
    if file is not None:
        parts.append(f'{begin}"file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n{file}\r\n')
    return "".join([*parts, f"--{EDGE}--\r\n"]).encode()


def sent(browser: Browser, file: str | None, *, name: str = "mine.csv", what: str = "readers", skip: str = ""):
    fields = {"what": what, "skip": skip} if skip else {"what": what}
    headers = {
        "cookie": "; ".join(f"{key}={value}" for key, value in browser.cookies.items()),
        "sec-fetch-site": "same-origin",
        "content-type": f"multipart/form-data; boundary={EDGE}",
    }
    return browser.shop.send("POST", "/operator/imports/send", headers, body=body(fields, file, name=name))


def taken_in(room: Newsroom) -> bool:
    taker = UploadTaker(
        store=room.store, fingerprint=TOKENS.fingerprint, defaults=ReaderDefaults("UTC", "en"), owner="node",
        machine=lambda: NOW, calendar=lambda: NOW,
    )  # fmt: skip
    return taker.do_one()


def test_a_list_is_kept_at_once_and_taken_in_by_a_worker_later(room: Newsroom):
    ed = a_browser_of(room.shop, Role.editor)
    answer = sent(ed, "email\nbob@readers.example\nalice@readers.example\n")
    waiting = ed.follow(answer).text

    took = taken_in(room)
    done = ed.follow(answer).text

    assert took
    assert "Waits for a worker" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    assert "Is in" in done
    assert "<dt>new</dt><dd>1</dd>" in done
    assert "<dt>changed</dt><dd>1</dd>" in done
    assert "hx-trigger" not in done
    assert room.reader("bob").state == "active"


def test_each_refused_line_is_named_and_all_of_them_come_as_a_file(room: Newsroom):
    ed = a_browser_of(room.shop, Role.editor)
    answer = sent(ed, "email,hour\nbob@readers.example,7\n=HYPERLINK(1),8\nnobody,99\n")
    taken_in(room)

    page, file = ed.follow(answer).text, ed.get(answer.headers["location"] + "refused.csv")

    lines = file.text.splitlines()
    assert "Refused: nothing was taken in" in page
    assert page.count("<tr><td>") == 2
    assert lines[0] == "line,email,problem"
    assert lines[1].startswith("3,'=HYPERLINK(1),")
    assert lines[2].startswith("4,nobody,")
    assert "attachment" in file.headers["content-disposition"]


def test_a_part_of_the_page_is_asked_for_until_the_list_is_through(room: Newsroom):
    ed = a_browser_of(room.shop, Role.editor)
    where = sent(ed, "email\nbob@readers.example\n").headers["location"]
    before = ed.get(f"{where}progress")

    taken_in(room)

    assert "Waits for a worker" in before.text
    assert "<html" not in before.text
    assert ed.get(f"{where}progress").headers["hx-refresh"] == "true"


def test_a_list_that_waits_is_stopped_and_never_taken_in(room: Newsroom):
    ed = a_browser_of(room.shop, Role.editor)
    where = sent(ed, "email\nbob@readers.example\n").headers["location"]

    ed.post(f"{where}stop")

    assert not taken_in(room)
    assert "Stopped" in ed.get(where).text


def test_suppressed_addresses_come_by_a_list_too(room: Newsroom):
    ed = a_browser_of(room.shop, Role.editor)
    sent(ed, "alice@readers.example\n", what="suppressions", name="never.txt")
    taken_in(room)

    page = ed.get("/operator/suppressions/").text

    assert "never.txt" in page
    assert "alice@readers.example" in page
    assert room.reader("alice").state == "suppressed"


def test_without_a_file_nothing_is_kept(room: Newsroom):
    ed = a_browser_of(room.shop, Role.editor)

    answer = sent(ed, None)

    assert (answer.status_code, problem_in(answer.text)) == (422, "! Choose a file first.")
    assert not taken_in(room)


def test_a_name_of_a_file_is_only_ever_shown(room: Newsroom):
    ed = a_browser_of(room.shop, Role.editor)

    answer = sent(ed, "email\nbob@readers.example\n", name="../../<script>alert(1).csv")
    taken_in(room)

    page = ed.follow(answer).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1).csv" in page
    assert room.reader("bob").state == "active"


def test_more_than_a_list_can_have_is_refused_before_it_is_kept(room: Newsroom, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "MOST_BYTES", 1_000)
    ed = a_browser_of(room.shop, Role.editor)

    answer = sent(ed, "email\n" + "bob@readers.example\n" * 100)

    assert answer.status_code == 413
    assert not taken_in(room)


def test_a_body_that_is_no_form_is_refused(room: Newsroom):
    ed = a_browser_of(room.shop, Role.editor)
    headers = {
        "cookie": "; ".join(f"{key}={value}" for key, value in ed.cookies.items()),
        "sec-fetch-site": "same-origin",
        "content-type": "multipart/form-data; boundary=x",
    }

    answer = room.shop.send("POST", "/operator/imports/send", headers, body=b"not a form at all")

    assert answer.status_code in (400, 422)


def test_nothing_that_a_stranger_or_a_viewer_sends_is_read(room: Newsroom, monkeypatch: pytest.MonkeyPatch):
    async def read_none(_request: object):
        raise AssertionError("it was read")
        yield b""

    monkeypatch.setattr(uploads, "_bounded", read_none)

    stranger = sent(Browser(room.shop), "email\n")
    viewer = sent(a_browser_of(room.shop, Role.viewer), "email\n")

    assert "/operator/sign-in" in stranger.headers["location"]
    assert viewer.status_code == 403
