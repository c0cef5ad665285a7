"""Each setting with its value and the place it comes from, for people to look at; passwords are in none of them."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from fascicle.config import Config
from mail.pace import Pace
from web.household import Setting, Source

PREFIX, BETWEEN = "FASCICLE_", "__"


def settings_of(config: Config) -> list[Setting]:
    """In the order of the configuration's reference."""
    lines = _lines(config.file)
    return [_setting(path, value, lines, config.file) for path, value in _values((), config)]


def _setting(path: tuple[str, ...], value: str, lines: Mapping[tuple[str, ...], int], file: Path) -> Setting:
    name = ".".join(path)
    # A variable may set a value, or a whole part as JSON.
    for end in range(len(path), 0, -1):
        variable = PREFIX + BETWEEN.join(path[:end]).upper()
        if any(variable == one.upper() for one in os.environ):
            return Setting(name, value, Source.environment, variable)
    if path in lines:
        return Setting(name, value, Source.file, f"{file.name}, line {lines[path]}")
    return Setting(name, value, Source.usual, "")


def _values(path: tuple[str, ...], part: object) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(part, BaseModel):
        for name, field in type(part).model_fields.items():
            yield from _values((*path, field.alias or name), getattr(part, name))
    elif isinstance(part, Mapping) and part:
        for name, value in part.items():
            yield from _values((*path, str(name)), value)
    elif isinstance(part, tuple) and part:
        for place, value in enumerate(part):
            yield from _values((*path, str(place)), value)
    else:
        yield path, _shown(path, part)


def _shown(path: tuple[str, ...], value: object) -> str:
    if path == ("database",):
        return _without_password(str(value))
    if isinstance(value, Pace):
        return f"{value.letters} in {value.seconds} s"
    if value is None or value == () or value == {}:
        return "–"
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "…"


def _lines(file: Path) -> dict[tuple[str, ...], int]:
    """The line on which each value begins; none for a file that cannot be read any more."""
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    return dict(_marks((), root))


def _marks(path: tuple[str, ...], node: Any) -> Iterator[tuple[tuple[str, ...], int]]:  # noqa: ANN401 - of a YAML tree
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _marks((*path, str(key.value)), value)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            yield from _marks((*path, str(place)), value)
    elif node is not None:
        yield path, node.start_mark.line + 1
