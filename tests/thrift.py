"""What thousands of tests would else do again and again with the same result, done once."""

import os
from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import pytest
import typer.main
from fastapi._compat.v2 import ModelField, asdict
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from db import engine
from templates import environment
from text import markdown

__all__ = ["commands_kept", "disk_not_waited_for", "fields_kept", "statements_kept", "templates_kept", "texts_kept"]


@pytest.fixture(scope="session", autouse=True)
def disk_not_waited_for() -> Iterator[None]:
    """Nobody pulls the plug of the machine: a process that is killed leaves the disk what it wrote."""
    prepare = engine._prepare_sqlite

    def prepare_without_waiting(connection: Any, record: object) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA synchronous=OFF")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_prepare_sqlite", prepare_without_waiting)
        patch.setattr(os, "fsync", lambda _descriptor: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def statements_kept() -> Iterator[None]:
    """A store compiles each statement once, and each test has a store of its own; all of one kind speak alike."""
    known: LRUCache[Any, Any] = LRUCache(5_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(DefaultDialect, "__hash__", lambda one: hash(type(one)))
        patch.setattr(
            engine, "create_engine", partial(engine.create_engine, execution_options={"compiled_cache": known})
        )
        yield


@pytest.fixture(scope="session", autouse=True)
def texts_kept() -> Iterator[None]:
    """Hundreds of tests publish the same chapters; the HTML of a text depends on nothing but what it is made from."""
    render, known = markdown._html, dict[object, str]()

    def rendered(source: str, links: markdown.Links, form: object) -> str:
        key = (source, links.base, tuple(links.media.items()), form)
        if key not in known:
            known[key] = render(source, links, form)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markdown, "_html", rendered)
        yield


class _Kept(BytecodeCache):
    """The code of each template, by its name, its file and its text."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def templates_kept() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(environment, "Environment", partial(environment.Environment, bytecode_cache=_Kept()))
        yield


@pytest.fixture(scope="session", autouse=True)
def commands_kept() -> Iterator[None]:
    """The tree of all commands and options is the same each time that the program is called."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(scope="session", autouse=True)
def fields_kept() -> Iterator[None]:
    """Each site declares hundreds of fields of requests anew, most of which are alike: text that may be missing."""
    prepare, known = ModelField.__post_init__, dict[tuple[str, str], Any]()

    def prepared(field: ModelField) -> None:
        key = (repr(asdict(field.field_info)), repr(field.config))
        if key not in known:
            prepare(field)
            known[key] = field._type_adapter
        field._type_adapter = known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ModelField, "__post_init__", prepared)
        yield
