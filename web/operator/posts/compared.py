"""Two states of a post's words, side by side."""

from collections.abc import Iterator
from dataclasses import dataclass

from db.said import say
from scheduler.wording import Wording
from text.differences import Kind, Line, Piece, differences


@dataclass(frozen=True)
class Compared:
    """What changed in the fields above the text, and in the text."""

    head: list[Line]
    body: list[Line]

    @property
    def same(self) -> bool:
        return not self.head and not self.body


def compared(before: Wording, after: Wording) -> Compared:
    fields = zip(_head(before).items(), _head(after).values(), strict=True)
    head = [line for (name, was), now in fields for line in _changed(name, was, now)]
    return Compared(head, differences(before.body, after.body))


def _changed(name: str, was: str, now: str) -> Iterator[Line]:
    """The lines of one field that differ, each with the name of the field before it."""
    label = Piece(say("%(field)s: ", field=name), False)
    for line in differences(was, now, around=0):
        if line.kind is not Kind.skipped:
            yield line._replace(pieces=(label, *line.pieces))


def _head(wording: Wording) -> dict[str, str]:
    files = sorted(f"{path} ({digest[:8]})" for path, digest in wording.files.items())
    return {
        say("Title"): wording.title,
        say("Summary"): wording.summary,
        say("Author"): wording.author or "",
        say("Tags"): ", ".join(wording.tags),
        say("Files"): ", ".join(files),
    }
