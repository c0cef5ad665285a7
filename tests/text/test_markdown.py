import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from text.clean import clean
from text.links import Links
from text.markdown import code_css, feed_html, letter_html, page_html, plain_text

HTML = [page_html, feed_html, letter_html]
SHAPES = [*HTML, plain_text]
CODE = '```python\ndef f(x):\n    return "<&>"\n```\n'
HERE = Links("https://example.org/p/", {})

every_html = pytest.mark.parametrize("shape", HTML)


@every_html
def test_a_relative_link_becomes_absolute(shape, links):
    assert 'href="https://example.org/blog/primer/two/"' in shape("[next](../two/)", links)


@every_html
def test_an_image_of_the_store_is_found_at_its_media_address(shape, links):
    shown = shape("![A *loss* of $x^2$](images/loss.svg)", links)

    assert '<img src="https://example.org/blog/media/d1/loss.svg" alt="A loss of x²">' in shown


@every_html
@pytest.mark.parametrize("written", ["images/loss.svg", "./images/loss.svg", "images/../images/loss.svg"])
def test_an_image_is_found_however_its_path_is_written(shape, written, links):
    assert "/media/d1/loss.svg" in shape(f"![x]({written})", links)


@every_html
def test_an_image_with_a_space_in_its_name_is_found(shape, links):
    assert "https://example.org/f.png" in shape("![x](<my figure.png>)", links)


@every_html
def test_an_image_of_raw_html_is_found_too_and_gets_an_alt(shape, links):
    assert '<img alt="" src="https://example.org/blog/media/d1/loss.svg"' in shape('<img src="images/loss.svg">', links)


@every_html
@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '<img src="x" onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" java\nscript:alert(1)">x</a>',
        "[x](javascript:alert(1))",
        '<iframe src="https://evil.example/"></iframe>',
        '<svg onload="alert(1)"><script>alert(1)</script></svg>',
        '<math><mi href="javascript:alert(1)">x</mi></math>',
        "$\\href{javascript:alert(1)}{x}$",
        "$\\style{background:url(javascript:alert(1))}{x}$",
        '<p style="background:url(javascript:alert(1))">x</p>',
        '<form action="https://evil.example/"><input></form>',
        '```x" onload="alert(1)\ncode\n```',
        '![" onerror="alert(1)](x.png)',
        "$\\text{<img src=x onerror=alert(1)>}$",
        '<math><annotation-xml encoding="text/html"><img src=x onerror=alert(1)></annotation-xml></math>',
    ],
)
def test_nothing_that_runs_survives(shape, attack, links):
    fragment = lxml_html.fragment_fromstring(shape(f"before\n\n{attack}\n\nafter", links), create_parent="div")

    elements = list(fragment.iter("*"))
    assert {element.tag for element in elements} & {"script", "iframe", "svg", "form", "input", "style"} == set()
    assert [name for element in elements for name in element.attrib if name.startswith("on")] == []
    assert [url for *_, url, _ in fragment.iterlinks() if not re.match("https?:", url)] == []
    assert [element for element in elements if "javascript" in (element.get("style") or "")] == []
    assert "after" in fragment.text_content()


def test_code_on_a_page_has_classes_and_no_styles(links):
    shown = page_html(CODE, links)

    assert '<pre class="highlight"><code class="language-python"><span class="k">def</span>' in shown
    assert "style=" not in shown


@pytest.mark.parametrize("shape", [feed_html, letter_html])
def test_code_elsewhere_has_styles_and_no_classes(shape, links):
    shown = shape(CODE, links)

    assert '<pre style="' in shown
    assert "<span style=" in shown
    assert "class=" not in shown


@every_html
@pytest.mark.parametrize("fence", ["```python", "```nosuchlanguage", "```", "```python {hl_lines=3}"])
def test_code_keeps_every_character(shape, fence, links):
    source = "\n\n  <b>&amp; \"'\n\ttab\n"

    fragment = lxml_html.fragment_fromstring(shape(f"{fence}\n{source}```\n", links), create_parent="div")

    assert fragment.find("pre").text_content() == source


def test_the_colours_come_for_light_and_dark():
    assert "pre.highlight .k {" in code_css()
    assert "(prefers-color-scheme: dark)" in code_css()


def test_the_author_cannot_borrow_classes_or_ids_of_a_page(links):
    shown = page_html('<p class="operator" id="menu">x <span class="k">y</span></p>', links)

    assert shown.strip() == "<p>x <span>y</span></p>"


@pytest.mark.parametrize("shape", [page_html, feed_html])
def test_a_formula_is_mathml_with_its_latex_beside_it(shape, links):
    shown = shape("so $\\frac{a}{b} < x^2$ holds", links)

    assert "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac><mo>&lt;</mo>" in shown
    assert '<annotation encoding="application/x-tex">\\frac{a}{b} &lt; x^2</annotation>' in shown
    assert 'alttext="a/b &lt; x²"' in shown


def test_a_displayed_formula_is_a_block_of_its_own(links):
    assert 'display="block"' in page_html("$$\n\\sum_i x_i\n$$\n", links)
    assert "<p><em>∑ᵢ xᵢ</em></p>" in letter_html("$$\n\\sum_i x_i\n$$\n", links)


def test_a_letter_has_no_mathml_even_where_the_author_wrote_it(links):
    shown = letter_html("$x^2$ <math><mi>y</mi><annotation>z</annotation></math>", links)

    assert shown == "<p><em>x²</em> y</p>\n"


def test_mathml_of_the_author_is_kept_on_a_page(links):
    assert "<math><mi>y</mi></math>" in page_html("<math><mi onclick='z'>y</mi></math>", links)


@every_html
@pytest.mark.parametrize("latex", ["x^", "\\frac{a", "\\left(x", "\\begin{matrix}", "x^a^b", "\\nosuch y", "}"])
def test_malformed_latex_shows_its_source(shape, latex, links):
    assert f"<code>{latex}</code>" in shape(f"a ${latex}$ b", links)


def test_money_is_not_a_formula(links):
    assert page_html("from $5 to $6", links) == "<p>from $5 to $6</p>\n"


def test_footnotes_on_a_page_link_within_it(links):
    shown = page_html("a[^n] b[^n]\n\n[^n]: The note.", links)

    assert '<sup class="footnote-ref"><a href="#fn1" id="fnref1">[1]</a></sup>' in shown
    assert '<li id="fn1"><p>The note.' in shown
    assert '<a href="#fnref1-1" class="footnote-back">' in shown


@pytest.mark.parametrize("shape", [feed_html, letter_html])
def test_footnotes_elsewhere_link_to_the_page(shape, links):
    shown = shape("a[^n]\n\n[^n]: The note.", links)

    assert '<a href="https://example.org/blog/primer/one/#fn1">[1]</a>' in shown
    assert "id=" not in shown


@every_html
def test_a_table_keeps_its_alignment_without_styles(shape, links):
    shown = shape("| a | b |\n|:--|--:|\n| 1 | ~~2~~ |\n", links)

    assert '<th align="right">b</th>' in shown
    assert '<td align="right"><s>2</s></td>' in shown
    assert "style=" not in shown


@every_html
def test_a_part_that_we_made_stays_where_the_author_put_it(shape, links):
    shown = shape("- one\n\n  ```\n  code\n  ```\n- $x$ and `y`\n", links)

    fragment = lxml_html.fragment_fromstring(shown, create_parent="div")
    first, second = fragment.iter("li")
    assert first.find("pre").text_content() == "code\n"
    assert second.text_content().split()[-2:] == ["and", "y"]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_text_becomes_the_same_bytes(shape, links):
    source = f"# A\n\n$x$ ![a](b.png)[^1]\n\n{CODE}\n[^1]: n\n"

    assert shape(source, links) == shape(source, links)


@pytest.mark.parametrize("shape", SHAPES)
def test_illegal_characters_do_not_survive_in_any_spelling(shape, links):
    shown = shape("a\x00b \ud800 &#1; <b>&#xFFFE;&#1;</b> $\\text{\x01}$\n\n```\n\x02\n```\n", links)

    assert shown == clean(shown)


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(exclude_categories=()) | st.sampled_from("$\\{}^_`*[]()<>|#-~&\n \"'"), max_size=80))
def test_any_text_becomes_something_clean_in_every_shape(source):
    for shape in SHAPES:
        assert clean(shape(source, HERE)) == shape(source, HERE)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([*"\\{}^_&[]()$ab1 ", "\\frac", "\\sqrt", "\\left", "\\begin{cases}", "\\hat"])))
def test_any_latex_can_be_shown(pieces):
    for shape in SHAPES:
        assert isinstance(shape(f"$$\n{''.join(pieces)}\n$$", HERE), str)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("latex", ["{" * 3000 + "x" + "}" * 3000, "\\sqrt" * 3000 + "x", "x^" * 3000])
def test_latex_nested_without_end_is_shown_as_written(shape, latex, links):
    assert latex in shape(f"$${latex}$$\n", links)
