"""letters: looking at letters before anybody gets them, and trying whether they arrive."""

import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from db import subscribers
from db.errors import BadValue, FascicleError
from db.states import LetterFormat
from fascicle.app import App
from fascicle.cli import corrections, trying
from fascicle.cli.context import NowOption, app_of, moment
from fascicle.cli.output import say, warn
from fascicle.relaying import relays_of, sender_of
from mail.headers import smtp_address
from mail.letter import HTML_LONG
from mail.replies import OutcomeKind
from mail.samples import GAPS_OF_SAMPLES, Format, letters, samples
from mail.trial import hand_over
from scheduler.preview import Preview, as_message, inert, of_edition, of_post, of_reader
from scheduler.trial import MARK
from timing.clocks import machine_now

ENDINGS = {".html": "html", ".htm": "html", ".txt": "text"}

LetterName = Annotated[str, typer.Argument(metavar="[LETTER]", help="A letter with made-up contents, such as digest.")]
StateOption = Annotated[str, typer.Option(help="Which of its states, such as 'two chapters'.")]
PostOption = Annotated[str, typer.Option(metavar="SERIES/SLUG", help="The letter that this post is sent in.")]
ReaderOption = Annotated[str, typer.Option(metavar="EMAIL", help="What this reader is owed now, as a digest.")]
EditionOption = Annotated[str, typer.Option(help="A letter of this edition in the ledger; of --reader, or the first.")]
LanguageOption = Annotated[str, typer.Option(help="Of a letter with made-up contents or of --post; the site's.")]


def preview(
    context: typer.Context,
    letter: LetterName = "",
    state: StateOption = "",
    post: PostOption = "",
    reader: ReaderOption = "",
    edition: EditionOption = "",
    language: LanguageOption = "",
    letter_format: Annotated[LetterFormat, typer.Option("--format", help="html, or text alone.")] = LetterFormat.html,
    output: Annotated[Path | None, typer.Option(help="Write it to this file: .html or .txt.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
    now: NowOption = None,
) -> None:
    """Look at a letter. Its links for readers do nothing. Without --output or --open its plain text is printed."""
    choice = _Choice(letter, state, post, reader, edition, language, letter_format, now)
    with _chosen(context, choice) as (_, found):
        seen = found.shown
    size = len((seen.html or "").encode())
    if size > HTML_LONG:
        warn(f"Its HTML has {size:,} bytes; mail programs clip letters of about 102,000.")
    if output is not None:
        _write(output, seen.text if _kind(output) == "text" else _html(seen.html))
        say(f"Wrote {output}.")
    if open_:
        page = Path(mkdtemp(prefix="fascicle-letter-")) / "letter.html"
        _write(page, _html(seen.html))
        webbrowser.open(page.as_uri())
    if output is None and not open_:
        say(f"Subject: {seen.subject}\n\n{seen.text}")


def send_test(
    context: typer.Context,
    to: Annotated[str, typer.Option("--to", metavar="EMAIL", help="Who gets it.")],
    letter: LetterName = "",
    state: StateOption = "",
    post: PostOption = "",
    reader: ReaderOption = "",
    edition: EditionOption = "",
    language: LanguageOption = "",
    letter_format: Annotated[LetterFormat, typer.Option("--format", help="html, or text alone.")] = LetterFormat.html,
    now: NowOption = None,
) -> None:
    """Send a letter to yourself through the relay. It is no letter of the ledger, and its links do nothing."""
    smtp_address(to)
    choice = _Choice(letter, state, post, reader, edition, language, letter_format, now)
    with _chosen(context, choice) as (app, found):
        message = as_message(app.house, found, to, at=machine_now(), mark=MARK)
        relay = relays_of(app.config)[0]
        _, sender = sender_of(app.config)
    outcome = hand_over(relay, sender=sender, recipient=to, message=message)
    if outcome.kind is not OutcomeKind.sent:
        raise FascicleError(f"relay {relay.name} did not take it: {outcome.reply}")
    say(f"Relay {relay.name} took it for {to}: {outcome.reply}")


@dataclass(frozen=True)
class _Choice:
    """Which letter is meant, as the options say it."""

    letter: str
    state: str
    post: str
    reader: str
    edition: str
    language: str
    form: LetterFormat
    now: str | None


@contextmanager
def _chosen(context: typer.Context, choice: _Choice) -> Iterator[tuple[App, Preview]]:
    """The letter that is meant, of made-up contents unless an option names others."""
    if sum(map(bool, (choice.letter, choice.post, choice.reader or choice.edition))) > 1:
        raise BadValue("name one letter: LETTER, or --post, or --reader and --edition")
    with app_of(context) as app, app.store.reading() as session:
        if choice.reader or choice.edition:
            yield app, _of_reader(app, session, choice)
        elif choice.post:
            yield app, _of_post(app, session, choice)
        else:
            yield app, _sample(app, choice)


def _of_reader(app: App, session: Session, choice: _Choice) -> Preview:
    row = subscribers.by_address(session, choice.reader) if choice.reader else None
    if choice.edition or row is None:
        return of_edition(app.house, session, choice.edition, row)
    return of_reader(app.house, session, row, now=moment(app, choice.now))


def _of_post(app: App, session: Session, choice: _Choice) -> Preview:
    series, _, slug = choice.post.partition("/")
    language, now = choice.language or app.config.site.language, moment(app, choice.now)
    return of_post(app.house, session, series, slug, language=language, form=choice.form, now=now)


def _sample(app: App, choice: _Choice) -> Preview:
    letter = choice.letter or "digest"
    states = [sample for sample in samples() if sample.letter == letter]
    if not states:
        raise BadValue(f"no letter {letter!r}; there are {', '.join(letters())}")
    found = next((sample for sample in states if choice.state in ("", sample.state)), None)
    if found is None:
        known = ", ".join(sample.state for sample in states)
        raise BadValue(f"{letter} has no state {choice.state!r}; there are {known}")
    form: Format = "html" if choice.form is LetterFormat.html else "text"
    skeleton = found.render(app.house.env, choice.language or app.config.site.language, form)
    return Preview(skeleton, inert(app.house, name=GAPS_OF_SAMPLES["name"]))


def _kind(path: Path) -> str:
    try:
        return ENDINGS[path.suffix.lower()]
    except KeyError:
        raise BadValue(f"{path}: the name of the file says what is written: let it end in .html or .txt") from None


def _html(html: str | None) -> str:
    if html is None:
        raise BadValue("this letter is plain text alone; write it to a file whose name ends in .txt")
    return html


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadValue(f"{path}: cannot be written: {error.strerror}") from None


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Looking at letters before anybody gets them.", no_args_is_help=True)
    group.command("preview")(preview)
    group.command("send-test")(send_test)
    corrections.add_to(group)
    group.command("test-delivery")(trying.try_delivery)
    app.add_typer(group, name="letters")
