"""What a form sent, as plain values."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, HTTPException
from starlette.requests import Request

_LARGEST = 256 * 1024
_MOST_FIELDS = 500


async def fields(request: Request) -> Mapping[str, str]:
    """The fields of a form (application/x-www-form-urlencoded), the last of each name; 413 for a larger one."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            raise HTTPException(413)
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise HTTPException(413) from None
    # PostgreSQL keeps no NUL.
    return {name: value.replace("\0", "\ufffd") for name, value in pairs}


Fields = Annotated[Mapping[str, str], Depends(fields)]
