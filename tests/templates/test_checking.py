"""`check` finds the mistakes of an operator's own templates, with their places, and none where there is none."""

from pathlib import Path

import pytest

from mail.checking import NEEDED, check, own_files
from mail.samples import GAPS_OF_SAMPLES, POSTS, letters, samples
from mail.showing import shown
from templates.environment import FOLDER, environment
from templates.languages import languages


def found(folder: Path) -> list[str]:
    return [str(mistake) for mistake in check(environment(overrides=folder), folder)]


def own(folder: Path, name: str, text: str | None = None) -> Path:
    """A template of the operator's own; the built-in one to begin with."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((FOLDER / name).read_text() if text is None else text)
    return path


def changed(folder: Path, name: str, old: str, new: str) -> None:
    path = own(folder, name)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_every_letter_renders_in_every_state_language_and_format():
    assert check(environment(), None) == []


def test_every_letter_there_is_has_a_sample():
    folders = {path.name for path in (FOLDER / "email").iterdir() if path.is_dir()}

    assert set(letters()) == folders
    assert {sample.letter for sample in samples()} == folders


@pytest.mark.parametrize("language", languages())
def test_no_sample_prints_what_is_no_word(language: str):
    for sample in samples():
        seen = shown(sample.render(environment(), language, "html"), GAPS_OF_SAMPLES)
        for part in (seen.subject, seen.text, seen.html):
            assert "None" not in part.replace("None comes", ""), (sample.letter, sample.state)
            assert "{{" not in part, (sample.letter, sample.state)
            assert "{%" not in part, (sample.letter, sample.state)


@pytest.mark.parametrize("name", own_files(FOLDER / "email"))
def test_a_name_that_nothing_is_called_is_found_in_every_template(tmp_path: Path, name: str):
    path = own(tmp_path, f"email/{name}")
    if path.suffix == ".css":
        path.write_text("{{ nowhere }}" + path.read_text())
    else:
        path.write_text(path.read_text().replace("{%", "{% if nowhere %}{% endif %}\n{%", 1))
    if "{% extends" in path.read_text():
        return

    told = [mistake for mistake in found(tmp_path) if "'nowhere' is undefined" in mistake]
    assert [mistake.partition(", line ")[0] for mistake in told] == [f"email/{name}"]


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "email/layout.html",
            "{{ preferences_url }}",
            "{{ preference_url }}",
            "email/layout.html, line 35: 'preference_url' is undefined (in digest: one chapter)",
        ),
        ("email/posts.html", "post.title }}", "post.titel }}", "has no attribute 'titel' (in digest: one chapter)"),
        ("email/posts.txt", "{% endfor %}", "", "email/posts.txt, line"),
        ("email/digest/why.txt", "letter.hour", "letter.zone", "email/digest/why.txt, line 2: %d format: a"),
        (
            "email/digest/body.html",
            "email/posts.html",
            "email/post.html",
            "email/digest/body.html, line 1: there is no template email/post.html (in digest: one chapter)",
        ),
        (
            "email/posts.txt",
            "post.next.url",
            "post.next.adress",
            "has no attribute 'adress' (in digest: a chapter of the past)",
        ),
    ],
)
def test_a_mistake_is_told_once_with_file_and_line(tmp_path: Path, name: str, old: str, new: str, said: str):
    changed(tmp_path, name, old, new)

    told = found(tmp_path)

    assert len(told) == 1, told
    assert said in told[0]


def test_a_page_that_cannot_be_read_is_found(tmp_path: Path):
    own(tmp_path, "web/post.html", "{% if %}")

    assert found(tmp_path) == ["web/post.html, line 1: Expected an expression, got 'end of statement block'"]


def test_a_file_in_another_encoding_is_found(tmp_path: Path):
    own(tmp_path, "email/digest/why.txt").write_bytes("Für Sie".encode("latin-1"))

    assert found(tmp_path) == ["email/digest/why.txt: is not valid UTF-8; save the file as UTF-8"]


def test_a_file_in_the_place_of_nothing_is_found(tmp_path: Path):
    own(tmp_path, "email/digest/boddy.html", "Hello")

    [told] = found(tmp_path)
    assert told.startswith("email/digest/boddy.html: stands for no template, and no template names it. Did you mean")


def test_a_file_that_another_template_names_is_none_too_many(tmp_path: Path):
    own(tmp_path, "email/hello.txt", "Hello!")
    own(tmp_path, "email/digest/why.txt", '{% include "email/hello.txt" %}')

    assert found(tmp_path) == []


@pytest.mark.parametrize("name", POSTS)
def test_a_letter_without_a_way_out_is_found(tmp_path: Path, name: str):
    own(tmp_path, f"email/{name}/body.html", "<html><title>x</title><body>Read this.</body></html>")
    own(tmp_path, f"email/{name}/body.txt", "Read this.")

    assert [mistake.partition(": ")[::2] for mistake in found(tmp_path)] == [
        (f"email/{name}/{file}", f"does not print {NEEDED[name]}; every such letter has to")
        for file in ("body.txt", "body.html")
    ]


def test_a_letter_that_asks_needs_its_link(tmp_path: Path):
    changed(tmp_path, "email/confirm/body.txt", "{{ action_url }}", "")

    assert found(tmp_path) == ["email/confirm/body.txt: does not print action_url; every such letter has to"]


def test_a_letter_without_plain_text_is_found(tmp_path: Path):
    own(tmp_path, "email/goodbye/body.txt", "  \n")

    told = found(tmp_path)[0]
    assert told.startswith("email/goodbye: the letter")
    assert "has no plain text" in told
