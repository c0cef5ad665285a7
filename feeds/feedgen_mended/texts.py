"""Text cleaned where it enters feedgen."""

from collections.abc import Callable, Mapping
from typing import Any

from text.clean import clean


def cleaned(value: Any) -> Any:  # noqa: ANN401  # feedgen takes texts, mappings and lists of them
    """The value with every text in it cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {key: cleaned(item) for key, item in value.items()}
    return [cleaned(item) for item in value] if isinstance(value, list) else value


def clean_setter(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    # One character outside XML 1.0 would fail the whole document, so text is cleaned where it enters.
    def setter(self: Any, *values: Any, **fields: Any) -> Any:  # noqa: ANN401  # feedgen's own signature
        if name == "content" and "CDATA" in (fields.get("type"), *values[2:]):
            raise ValueError('Atom knows no content of type "CDATA" (RFC 4287, section 4.1.3.1); give html or text')
        return original(self, *map(cleaned, values), **cleaned(fields))

    return setter
