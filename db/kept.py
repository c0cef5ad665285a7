"""What was said, kept as plain JSON, so that it can be said again later in any language."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from db.said import Said, say_again, worded


def noted(words: str) -> dict[str, Any]:
    """What a record keeps of words: in English for programs, and as it was said."""
    return {"words": f"{words}", "said": kept(words)}


def kept(said: str) -> dict[str, Any] | None:
    """None for a text that has no other language."""
    if not isinstance(said, Said):
        return None
    values = {name: _kept(value) for name, value in said.values.items()}
    return {"english": f"{said}", "text": said.text, "many": said.many, "values": values}


def again(found: Mapping[str, Any] | None) -> Said | None:
    if found is None:
        return None
    values = {name: _again(value) for name, value in found["values"].items()}
    return worded(found["english"], say_again(found["text"], found["many"], values))


def recalled(text: str, texts: Sequence[str]) -> str:
    """A text that was kept as it was said in English, said by that one of `texts` that it was made from."""
    for one in texts:
        found = re.fullmatch(_VALUE.sub(r"(?P<\1>.+)", re.escape(one)), text)
        if found is not None:
            return say_again(one, None, {name: _read(value) for name, value in found.groupdict().items()})
    return text


_VALUE = re.compile(r"%\\\((\w+)\\\)s")


def _read(value: str) -> object:
    return datetime.fromisoformat(value) if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", value) else value


def _kept(value: object) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Said):
        return {"said": kept(value)}
    if isinstance(value, date):
        return {"moment" if isinstance(value, datetime) else "date": value.isoformat()}
    if isinstance(value, list | tuple):
        return [_kept(one) for one in value]
    return value if isinstance(value, int) else str(value)


def _again(value: Any) -> object:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return [_again(one) for one in value]
    if not isinstance(value, dict):
        return value
    [(kind, what)] = value.items()
    if kind == "said":
        return again(what)
    return datetime.fromisoformat(what) if kind == "moment" else date.fromisoformat(what)
