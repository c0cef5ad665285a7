import pytest
from hypothesis import given
from hypothesis import strategies as st

from text.cut import cut_html
from text.markdown import Links, letter_html


@pytest.mark.parametrize(
    ("html", "room", "kept"),
    [
        ("<p>a</p><p>b</p>", 16, "<p>a</p><p>b</p>"),
        ("<p>a</p><p>b</p>", 15, "<p>a</p>"),
        ("<p>a</p>\n<p>b</p>\n", 16, "<p>a</p>"),
        ("<ul><li>a</li><li>b</li></ul><p>c</p>", 30, "<ul><li>a</li><li>b</li></ul>"),
        ("<ul><li>a</li><li>b</li></ul><p>c</p>", 20, ""),
        ("<p>a<br>b<img src='x'></p><p>c</p>", 27, "<p>a<br>b<img src='x'></p>"),
        ("<p>ä</p><p>b</p>", 9, "<p>ä</p>"),
        ("<p>ä</p><p>b</p>", 8, ""),
    ],
)
def test_html_is_cut_between_its_outermost_blocks(html: str, room: int, kept: str):
    assert cut_html(html, room) == kept


@given(
    st.lists(
        st.sampled_from(["# One\n\n", "Some *words*.\n\n", "- a\n- b\n\n", "> said\n\n", "```\ncode <p>\n```\n\n"])
    )
)
def test_what_is_kept_is_whole_blocks_that_fit(blocks: list[str]):
    html = letter_html("".join(blocks), Links("https://example.org/", {}))

    for room in range(0, len(html) + 1, 7):
        kept = cut_html(html, room)
        assert html.startswith(kept)
        assert len(kept.encode()) <= max(room, 0)
        assert kept.count("<p>") == kept.count("</p>")
