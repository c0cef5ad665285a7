"""What is wrong with a slug, as it is told in any language."""

from db.kept import recalled
from db.said import marked
from text.addresses import check_slug

_TROUBLES = (
    marked("is empty; lower-case letters, digits and hyphens are allowed"),
    marked("is reserved for an address of the site itself; choose another word"),
    marked("is longer than %(most)s characters; shorten it"),
    marked("has a character that an address cannot carry; lower-case letters, digits and hyphens are allowed"),
    marked("begins or ends with a hyphen; lower-case letters, digits and hyphens are allowed, hyphens only in between"),
)


def trouble_with(slug: str, reserved: frozenset[str]) -> str | None:
    """None for a slug that may be used, else the part of a message that says what is wrong and what is allowed."""
    trouble = check_slug(slug, reserved)
    return None if trouble is None else recalled(trouble, _TROUBLES)
