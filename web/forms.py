"""The fields of a form that was sent; a body that is none has none."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Depends, HTTPException, Request

MOST_BYTES = 64 * 1024
_MOST_FIELDS = 1000


class Form:
    """Fields by name; each may come several times."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        self._fields = fields

    def one(self, name: str, default: str = "") -> str:
        """The last value of a field, without blanks around it."""
        return self._fields.get(name, [default])[-1].strip()

    def every(self, name: str) -> list[str]:
        return self._fields.get(name, [])

    def has(self, name: str) -> bool:
        return name in self._fields

    def last(self) -> dict[str, str]:
        """The last value of each field, as it came."""
        return {name: values[-1] for name, values in self._fields.items()}


async def form(request: Request) -> Form:
    """A dependency that reads the fields of an HTML form (application/x-www-form-urlencoded), of 64 KB at most.

    Anything else is a form without fields: what mail programs post to unsubscribe (RFC 8058) may look as it likes.
    """
    body = await _body(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return Form({})
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
    # PostgreSQL keeps no NUL.
    return Form({name: [value.replace("\0", "\ufffd") for value in values] for name, values in fields.items()})


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HTTPException(413)
    return body


def _last(sent: Annotated[Form, Depends(form)]) -> Mapping[str, str]:
    return sent.last()


Fields = Annotated[Mapping[str, str], Depends(_last)]
"""The last value of each field of a form that was sent."""


Sent = Annotated[Form, Depends(form)]
"""A form that was sent, with all values of each field."""
