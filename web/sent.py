"""Forms with files, as pages send them: read up to a bound, the files kept on disk while the answer is made."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from fastapi import HTTPException, Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser

from importers.sent import SentFile
from web.forms import Form

_FIELDS = 3_000
_PATIENCE = 20
"""Of a request that is too big so many times what may come is read and thrown away: else its sender sees no answer."""


@dataclass(frozen=True)
class Sent:
    form: Form
    files: Mapping[str, list[SentFile]]

    def every(self, name: str) -> list[SentFile]:
        """The files of a field; one for which none was chosen has none."""
        return self.files.get(name, [])


@dataclass(frozen=True)
class Bounds:
    """`field` bounds one field that is no file, in bytes; `too_much` says what to do about more."""

    bytes: int
    files: int
    field: int
    too_much: str


def receiving(bounds: Bounds) -> Callable[[Request], AsyncGenerator[Sent]]:
    """A dependency that reads a form in either of the encodings that forms have. Anything else is one without fields.

    Raises HTTPException: 413 for more than the bounds, 400 for what cannot be read.
    """

    async def read(request: Request) -> AsyncGenerator[Sent]:
        form = await _parsed(request, bounds)
        try:
            yield _sent(form)
        finally:
            await form.close()

    return read


class _TooMuch(Exception):
    pass


async def _parsed(request: Request, bounds: Bounds) -> FormData:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    stream = _bounded(request, bounds.bytes)
    try:
        if kind == "multipart/form-data":
            return await MultiPartParser(
                request.headers, stream, max_files=bounds.files, max_fields=_FIELDS, max_part_size=bounds.field
            ).parse()
        if kind == "application/x-www-form-urlencoded":
            return await FormParser(request.headers, stream, max_fields=_FIELDS, max_part_size=bounds.field).parse()
    except _TooMuch:
        raise HTTPException(413, bounds.too_much) from None
    except MultiPartException as error:
        await _drain(request, bounds.bytes)
        too_many = error.message.startswith(("Too many", "Part exceeded", "Field exceeded"))
        raise HTTPException(413 if too_many else 400, bounds.too_much if too_many else None) from None
    return FormData()


async def _bounded(request: Request, most: int) -> AsyncGenerator[bytes]:
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen > most:
            await _drain(request, most)
            raise _TooMuch
        yield chunk


async def _drain(request: Request, most: int) -> None:
    rest: AsyncIterator[bytes] = request.stream()
    seen = 0
    try:
        async for chunk in rest:
            seen += len(chunk)
            if seen > most * _PATIENCE:
                return
    except RuntimeError:  # it was read to its end before
        return


def _sent(form: FormData) -> Sent:
    fields: dict[str, list[str]] = {}
    files: dict[str, list[SentFile]] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files.setdefault(name, []).append(SentFile(value.filename, value.file))
        else:
            # PostgreSQL keeps no NUL.
            fields.setdefault(name, []).append(value.replace("\0", "\ufffd"))
    return Sent(Form(fields), files)
