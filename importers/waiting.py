"""Posts that were read and wait to be taken in, as text: their files have gone ahead into the store."""

from dataclasses import replace

from pydantic import TypeAdapter

from importers.values import KeptFile, PostSource

_SOURCES = TypeAdapter(tuple[PostSource, ...])


def to_text(sources: tuple[PostSource, ...]) -> str:
    return _SOURCES.dump_json(sources).decode()


def from_text(text: str) -> tuple[PostSource, ...]:
    return _SOURCES.validate_json(text)


def without_files(source: PostSource, kept: tuple[KeptFile, ...]) -> PostSource:
    """A post whose files are in the store."""
    return replace(source, media=(), kept=(*source.kept, *kept))
