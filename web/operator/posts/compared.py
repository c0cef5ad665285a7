"""Two states of a post's words, side by side."""

from dataclasses import dataclass

from scheduler.wording import Wording
from text.differences import Line, differences


@dataclass(frozen=True)
class Compared:
    """What changed in the fields above the text, and in the text."""

    head: list[Line]
    body: list[Line]

    @property
    def same(self) -> bool:
        return not self.head and not self.body


def compared(before: Wording, after: Wording) -> Compared:
    return Compared(
        differences(_head(before), _head(after), around=0),
        differences(before.body, after.body),
    )


def _head(wording: Wording) -> str:
    files = sorted(f"{path} ({digest[:8]})" for path, digest in wording.files.items())
    lines = {
        "Title": wording.title,
        "Summary": wording.summary,
        "Author": wording.author or "",
        "Tags": ", ".join(wording.tags),
        "Files": ", ".join(files),
    }
    return "\n".join(f"{name}: {value}" for name, value in lines.items())
