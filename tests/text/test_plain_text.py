import pytest

from text.markdown import plain_text


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("# Title\n\nText", "Title\n=====\n\nText\n"),
        ("## 日本", "日本\n----\n"),
        ("### Small", "Small\n"),
        ("[the next](../two/)", "the next <https://example.org/blog/primer/two/>\n"),
        ("<https://example.org/a>", "<https://example.org/a>\n"),
        ("<a@example.org>", "<a@example.org>\n"),
        ("![Loss](images/loss.svg)", "[Loss] <https://example.org/blog/media/d1/loss.svg>\n"),
        ("- a\n- b\n  1. c\n  2. d", "- a\n- b\n  1. c\n  2. d\n"),
        ("3. c\n4. d", "3. c\n4. d\n"),
        ("- a\n\n  more\n- b", "- a\n\n  more\n\n- b\n"),
        ("> quoted\n>\n> again", "> quoted\n>\n> again\n"),
        ("```python\nif x:\n    y\n```", "    if x:\n        y\n"),
        ("a  \nb", "a\nb\n"),
        ("*a* **b** ~~c~~ `d`", "*a* **b** ~~c~~ `d`\n"),
        ("$\\frac{a}{b}$", "a/b\n"),
        ("$$\n\\sum_{i=1}^n x_i^2\n$$", "    ∑ᵢ₌₁ⁿ xᵢ²\n"),
        ("$x^$", "x^\n"),
        ("a\n\n---\n\nb", "a\n\n* * *\n\nb\n"),
        ("a[^1]\n\n[^1]: Note.", "a[1]\n\n* * *\n[1] Note.\n"),
        ("<div>a <b>b</b><br>c &amp; d</div>\n", "a b\nc & d\n"),
        ("<script>alert(1)</script>\n\na", "a\n"),
        ('<p><a href="x">y</a><br><img src="images/loss.svg" alt="L"></p>\n',
         "y <https://example.org/blog/primer/one/x>\n[L] <https://example.org/blog/media/d1/loss.svg>\n"),
        ("", ""),
        ("AT&amp;T &lt;b&gt;", "AT&T <b>\n"),
        ("-", "-\n"),
    ],
)  # fmt: skip
def test_markdown_reads_well_as_plain_text(source, shown, links):
    assert plain_text(source, links) == shown


def test_a_table_has_aligned_columns(links):
    source = "| name | n |\n|:--|--:|\n| one | 1 |\n| 日本 | 22 |\n| [x](y) | |\n"

    assert plain_text(source, links).splitlines() == [
        "name                                        n",
        "-----------------------------------------  --",
        "one                                         1",
        "日本                                       22",
        "x <https://example.org/blog/primer/one/y>",
    ]


def test_prose_is_wrapped_at_72(links):
    shown = plain_text("word " * 100 + "\n\n> " + "word " * 50 + "\n\n- " + "word " * 50, links)

    assert 60 < max(map(len, shown.splitlines())) <= 72


def test_an_address_and_a_line_of_code_are_never_cut(links):
    address, code = "https://example.org/" + "a-b/" * 40, "x = " + "1 + " * 40 + "1"

    shown = plain_text(f"Some words before it <{address}> and after.\n\n```\n{code}\n```\n", links)

    assert f"<{address}>" in shown.split()
    assert f"    {code}" in shown.splitlines()
