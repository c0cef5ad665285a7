"""What each route asks of who comes: declared beside its handler, and enforced in one place."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from db.states import Role

Handler = TypeVar("Handler", bound=Callable[..., Any])


class Needs(StrEnum):
    """Everybody may come, or only operators of at least a role."""

    nothing = "nothing"
    viewer = Role.viewer
    editor = Role.editor
    owner = Role.owner

    @property
    def role(self) -> Role | None:
        return None if self is Needs.nothing else Role(self.value)


def needs(what: Needs) -> Callable[[Handler], Handler]:
    """Says what a handler asks for."""

    def declare(handler: Handler) -> Handler:
        handler.__needs__ = what  # type: ignore[attr-defined]  # read by needs_of alone
        return handler

    return declare


def needs_of(handler: object) -> Needs | None:
    """None when nobody has said it: then nobody comes in."""
    found = getattr(handler, "__needs__", None)
    return found if isinstance(found, Needs) else None


def by_itself(handler: Handler) -> Handler:
    """Says of a handler that pages ask it without anybody doing something: that keeps nobody signed in."""
    handler.__by_itself__ = True  # type: ignore[attr-defined]  # read by asked_by_itself alone
    return handler


def asked_by_itself(handler: object) -> bool:
    return getattr(handler, "__by_itself__", False) is True
