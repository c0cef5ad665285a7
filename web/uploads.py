"""A form with one file in it (multipart/form-data, RFC 7578): kept on the disk as it comes, up to a bound."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated, BinaryIO

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

MOST_BYTES = 256 * 1024 * 1024
_MOST_FIELDS = 20


@dataclass(frozen=True)
class Uploaded:
    """The fields of the form, and its file; None when none was chosen."""

    fields: Mapping[str, str]
    name: str
    file: BinaryIO | None


async def uploaded(request: Request) -> AsyncIterator[Uploaded]:
    """A dependency; what it gives is there until the request has been answered. Whoever may not send it is refused
    before: it comes after the guard.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        yield Uploaded({}, "", None)
        return
    try:
        parser = MultiPartParser(request.headers, _bounded(request), max_files=1, max_fields=_MOST_FIELDS)
        form = await parser.parse()
    except MultiPartException:
        raise HTTPException(400) from None
    try:
        fields = {name: value.replace("\0", "\ufffd") for name, value in form.items() if isinstance(value, str)}
        files = [value for value in form.values() if isinstance(value, UploadFile) and value.filename]
        yield Uploaded(fields, files[0].filename or "" if files else "", files[0].file if files else None)
    finally:
        await form.close()


async def _bounded(request: Request) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_BYTES:
            raise HTTPException(413)
        yield chunk


Upload = Annotated[Uploaded, Depends(uploaded)]
