import datetime as dt
import email
import email.policy

import pytest
from structlog.testing import capture_logs

from db.errors import BadValue
from mail.letter import HTML_LIMIT, Announced, LetterPost, Neighbour, PostsLetter, letter_headers, render_posts
from mail.skeleton import Skeleton, fill, gap
from templates.environment import environment

URL = "https://example.org/unsubscribe/" + "t" * 300
VALUES = {
    "name": "Alice",
    "unsubscribe_url": URL,
    "preferences_url": "https://example.org/preferences/t",
    "view_url": "https://example.org/letters/t",
}
ENV = environment()


def a_post(**changes: object) -> LetterPost:
    usual = {
        "series_title": "LLM Primer II",
        "series_url": "https://example.org/llm-primer-2/",
        "number": "3",
        "of": 14,
        "title": "Mathematical Tools",
        "url": "https://example.org/llm-primer-2/tools/",
        "html": "<p>Three <em>tools</em>.</p><pre><code>a\n b</code></pre>",
        "text": "Three tools.",
        "previous": Neighbour(number="1", url="https://example.org/llm-primer-2/one/"),
        "coming": Announced(number="5", day=dt.date(2026, 3, 7)),
    }
    return LetterPost(**(usual | changes))


def a_digest(*posts: LetterPost, **changes: object) -> PostsLetter:
    usual = {
        "name": "digest",
        "site_title": "My serials",
        "site_url": "https://example.org/",
        "date": dt.date(2026, 3, 5),
        "zone": "Europe/Berlin",
        "hour": 7,
        "posts": posts or (a_post(),),
        "postal_address": "1 Example Street, Riga",
    }
    return PostsLetter(**(usual | changes))


def some_headers(**changes: object) -> tuple[bytes, ...]:
    usual = {
        "from_name": "My serials",
        "from_address": "post@example.org",
        "to_name": "Alice",
        "to_address": "alice@bücher.example",
        "date": dt.datetime(2026, 3, 5, 6, tzinfo=dt.UTC),
        "message_id": "<abc@example.org>",
        "list_id": "serials.example.org",
        "list_title": "My serials",
        "unsubscribe_url": URL,
        "unsubscribe_mailto": "leave@example.org",
        "reply_to": None,
    }
    return letter_headers(**(usual | changes))


def received(skeleton: Skeleton) -> email.message.EmailMessage:
    message = fill(skeleton, headers=some_headers(), values=VALUES)
    return email.message_from_bytes(message, policy=email.policy.default)


def text_of(letter: PostsLetter) -> str:
    return received(render_posts(ENV, letter)).get_body(("plain",)).get_content().replace("\r\n", "\n")


def html_of(letter: PostsLetter) -> str:
    return received(render_posts(ENV, letter)).get_body(("html",)).get_content()


def test_a_digest_tells_the_same_in_both_parts():
    letter = a_digest(a_post(), a_post(series_title="LLM Primer I", number="11", of=12, title="Research"))

    for part in (text_of(letter), html_of(letter)):
        assert "Thursday 5 March 2026" in part
        assert "LLM Primer II · Chapter 3 of 14" in part
        assert "LLM Primer I · Chapter 11 of 12" in part
        assert "https://example.org/llm-primer-2/one/" in part
        assert "https://example.org/llm-primer-2/tools/" in part
        assert "Next: chapter 5, Saturday 7 March" in part
        assert "You get this at 07:00 Europe/Berlin because you asked for LLM Primer I and LLM Primer II." in part
        assert URL in part
        assert "1 Example Street, Riga" in part


@pytest.mark.parametrize(
    ("titles", "subject"),
    [
        (["Tools"], "Tools · LLM Primer II, chapter 3"),
        (["Tools", "Research"], "Tools and Research"),
        (["Tools", "Research", "More"], "Tools and 2 more"),
    ],
)
def test_the_subject_names_what_is_in_the_letter(titles, subject):
    letter = a_digest(*(a_post(title=title) for title in titles))

    assert received(render_posts(ENV, letter))["Subject"] == subject


def test_a_bare_post_shows_only_what_there_is():
    text = text_of(a_digest(a_post(number=None, of=None, previous=None, coming=None, full=False)))

    assert "LLM Primer II\nMathematical Tools\n==================\n\nRead on the web: " in text
    assert "Three tools." not in text
    assert "Next" not in text
    assert "None" not in text


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("digest", "You get this at 07:00 Europe/Berlin because you asked for LLM Primer II."),
        ("instant", "You get each chapter as it appears because you asked for LLM Primer II."),
        ("catch-up", "You get this now because you asked for LLM Primer II."),
    ],
)
def test_each_letter_says_why_it_comes(name, why):
    letter = a_digest(name=name)

    assert why in text_of(letter)
    assert why in html_of(letter)


def test_a_long_chapter_is_cut_at_the_end_of_a_paragraph_with_a_link_to_the_rest():
    paragraph = f"<p>{'A long sentence of this chapter. ' * 30}</p>"
    letter = a_digest(a_post(html=paragraph * 200), a_post(title="Short", html="<p>All of it.</p>"))

    html = html_of(letter)

    assert HTML_LIMIT * 0.8 < len(html.encode()) <= HTML_LIMIT
    assert html.count("The chapter goes on here") == 1
    assert html.count("<p") == html.count("</p>")
    assert "All of it." in html


@pytest.mark.parametrize(("paragraphs", "told"), [(60, []), (85, ["letter is long"]), (200, ["letter is long"])])
def test_a_letter_near_the_length_that_programs_clip_is_told(paragraphs, told):
    paragraph = f"<p>{'A long sentence of this chapter. ' * 30}</p>"

    with capture_logs() as logs:
        render_posts(ENV, a_digest(a_post(html=paragraph * paragraphs)))

    assert [entry["event"] for entry in logs] == told


@pytest.mark.parametrize("text", ["a:b:c:d:e", "digest:two words", "digest\r\nBcc: eve@example.org", "x" * 61])
def test_what_is_no_feedback_id_is_refused(text):
    with pytest.raises(BadValue, match="is no Feedback-ID"):
        some_headers(feedback_id=text)


def test_what_is_not_named_is_counted():
    letter = a_digest(more=12)

    assert "12 more chapters are on the web: https://example.org/" in text_of(letter)
    assert "12 more chapters are on the web" in html_of(letter)


def test_a_digest_as_text_has_no_html():
    assert received(render_posts(ENV, a_digest(format="text"))).get_content_type() == "text/plain"


def test_titles_are_escaped_in_html_and_plain_elsewhere():
    letter = a_digest(a_post(title="Q & A <b>", series_title="I & II", number=None))

    assert "Q &amp; A &lt;b&gt;" in html_of(letter)
    assert "I & II\nQ & A <b>\n" in text_of(letter)
    assert received(render_posts(ENV, letter))["Subject"] == "Q & A <b> · I & II"


def test_the_html_is_fit_for_mail_programs():
    html = html_of(a_digest(language="ar-EG"))

    assert '<html lang="ar-EG" dir="rtl"' in html
    assert "<title>My serials, Thursday 5 March 2026</title>" in html
    assert 'name="viewport"' in html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert html.count("<table ") == html.count('role="presentation"')
    assert 'class="preheader" style="display: none' in html
    assert '<pre style="' in html
    assert "https://example.org/unsubscribe/" in html.partition(">Unsubscribe<")[0].rpartition("<a ")[2]


def test_a_post_cannot_pose_as_a_gap():
    text = text_of(
        a_digest(
            a_post(
                text=f"Look: {gap('unsubscribe_url')}", previous=Neighbour(number=gap("name"), url="https://x.example")
            )
        )
    )

    assert "Look: unsubscribe_url" in text
    assert "← Chapter name:" in text


def test_equal_letters_give_equal_bytes():
    assert render_posts(ENV, a_digest()).to_bytes() == render_posts(environment(), a_digest()).to_bytes()


def test_a_digest_without_posts_is_refused():
    with pytest.raises(BadValue, match="no posts"):
        render_posts(ENV, a_digest(posts=()))


def test_the_operators_own_template_wins(tmp_path):
    (tmp_path / "email" / "digest").mkdir(parents=True)
    (tmp_path / "email" / "digest" / "subject.txt").write_text("Ours, {{ letter.date | day_month }}")

    skeleton = render_posts(environment(overrides=tmp_path), a_digest())

    assert skeleton.subject == "Ours, 5 March"


def test_a_template_that_asks_for_an_unknown_name_fails():
    with pytest.raises(Exception, match="undefined"):
        ENV.from_string("{{ reader }}").render()


def test_dates_are_written_in_words():
    template = ENV.from_string("{{ day | long_date }}, {{ day | day_month }}, {{ day | clock }}")

    assert template.render(day=dt.datetime(2026, 3, 5, 7)) == "Thursday 5 March 2026, 5 March, 07:00"


def test_each_header_stands_once_and_says_what_it_should():
    message = received(render_posts(ENV, a_digest()))

    assert message.keys() == [
        *("From", "To", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"),
        *("Auto-Submitted", "Subject", "MIME-Version", "Content-Type"),
    ]
    assert message["To"] == "Alice <alice@xn--bcher-kva.example>"
    assert message["Message-ID"] == "<abc@example.org>"
    assert message["List-Id"] == "My serials <serials.example.org>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"


def test_a_long_unsubscribe_link_is_not_encoded():
    raw = b"\r\n".join(some_headers())

    assert f"List-Unsubscribe: <{URL}>,\r\n <mailto:leave@example.org>\r\n".encode() in raw


def test_optional_headers_come_when_asked_for():
    headers = some_headers(unsubscribe_mailto=None, reply_to="writer@example.org")

    assert f"List-Unsubscribe: <{URL}>".encode() in headers
    assert headers[-1] == b"Reply-To: writer@example.org"


@pytest.mark.parametrize(
    "changes",
    [
        {"unsubscribe_url": "https://example.org/\r\nBcc: eve@example.org"},
        {"unsubscribe_url": "https://example.org/>, <mailto:eve@example.org"},
        {"unsubscribe_url": "https://example.org/" + "t" * 1_000},
        {"unsubscribe_url": "https://bücher.example/"},
        {"unsubscribe_mailto": "a b@example.org"},
        {"message_id": "<a@b>\r\nBcc: eve@example.org"},
        {"list_id": "my list"},
        {"to_address": "alice@example.org, bob@example.org"},
        {"reply_to": "nobody"},
    ],
)
def test_what_cannot_stand_in_a_header_is_refused(changes):
    with pytest.raises(BadValue):
        some_headers(**changes)


@pytest.mark.parametrize("name", ["digest", "instant", "catch-up"])
def test_no_title_is_read_as_html_wherever_it_stands(name: str):
    evil = a_post(series_title="Sea <i>& sky</i>", title="<b>Tools</b>", number="<u>3</u>")

    html = html_of(a_digest(evil, name=name))

    assert "Sea &lt;i&gt;&amp; sky" in html
    assert [tag for tag in ("<i>", "<b>", "<u>") if tag in html] == []


def test_a_letter_that_cannot_be_left_names_no_way_out():
    head = b"\r\n".join(some_headers(unsubscribe_url=None))

    assert b"List-Unsubscribe" not in head
    assert b"Auto-Submitted" in head
