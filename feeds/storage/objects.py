"""Documents in an object store: S3 and what speaks like it, Google Cloud Storage, Azure Blob Storage."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotModifiedError, PreconditionError
from obstore.store import ObjectStore, from_url

from feeds.storage.kept import Kept
from feeds.storage.kinds import cache_control, content_type
from feeds.storage.port import TWIN, StorageRefused, Stored, check_plain, is_plain
from feeds.storage.twins import twin_of
from timing.clocks import Clock

if TYPE_CHECKING:  # names that the library has for type checkers only
    from obstore import Attributes, GetOptions, PutMode, UpdateVersion
    from obstore.store import ClientConfig, RetryConfig

FRESH = timedelta(seconds=1)
"""For so long a document is served without asking the store whether it changed."""
# A page that waits longer has lost its reader, and feed work is tried again anyway. Plain HTTP is spoken only where
# the endpoint in the environment begins with it.
_CLIENT: "ClientConfig" = {
    "connect_timeout": timedelta(seconds=3),
    "timeout": timedelta(seconds=20),
    "allow_http": True,
}
_RETRIES: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}


class _Mark(NamedTuple):
    """The version that the store named, None for no document, and when it was last asked, in machine time."""

    e_tag: str | None
    version: str | None
    asked: datetime


class ObjectStorage:
    """Documents below a URL as s3://bucket/prefix; endpoint and credentials come from the environment.

    `clock` gives machine time; `cache_seconds` is told to who reads the objects without us. Raises StorageRefused
    when the URL names no store.
    """

    def __init__(self, url: str, *, clock: Clock, cache_seconds: int) -> None:
        with _refusing(url):
            self._store: ObjectStore = from_url(url, client_options=_CLIENT, retry_config=_RETRIES)
        self._clock = clock
        self._cache_seconds = cache_seconds
        self._kept: Kept[_Mark] = Kept()

    def write(self, path: str, body: bytes) -> bool:
        """See Storage; refused when another writer was faster, so that it does not take back a newer document."""
        check_plain(path)
        with _refusing(path):
            mark, stored = self._ask(path)
            changed = stored is None or stored.body != body
            if changed:
                self._put_twin(path, body)
                self._put(path, body, _still(mark))
            elif stored and stored.gzipped is None:
                self._put_twin(path, body)
            if changed or not (stored and stored.gzipped):
                self._kept.forget(path)
        return changed

    def read(self, path: str) -> Stored | None:
        check_plain(path)
        kept = self._kept.get(path)
        if kept and self._clock() - kept[0].asked < FRESH:
            return kept[1]
        with _refusing(path):
            return self._ask(path)[1]

    def delete(self, path: str) -> bool:
        check_plain(path)
        with _refusing(path):
            there = self._ask(path)[1] is not None
            for one in (path + TWIN, path):
                self._delete(one)
            self._kept.forget(path)
        return there

    def paths(self, folder: str = "") -> Iterator[str]:
        if folder:
            check_plain(folder)
        with _refusing(folder):
            found = [one["path"] for batch in obstore.list(self._store, prefix=folder or None) for one in batch]
        return (path for path in sorted(found) if is_plain(path))

    def _ask(self, path: str) -> tuple[_Mark, Stored | None]:
        """What the store has now; the bytes travel only when they changed."""
        kept, asked = self._kept.get(path), self._clock()
        options: GetOptions = {}
        if kept and kept[0].e_tag:
            options = {"if_none_match": kept[0].e_tag}
            # While one asks, the others go on with what is there.
            self._kept.put(path, kept[0]._replace(asked=asked), kept[1])
        try:
            mark, stored = self._fetch(path, options, asked)
        except NotModifiedError:
            assert kept is not None
            return kept
        except FileNotFoundError:
            mark, stored = _Mark(None, None, asked), None
        self._kept.put(path, mark, stored)
        return mark, stored

    def _fetch(self, path: str, options: "GetOptions", asked: datetime) -> tuple[_Mark, Stored]:
        found = obstore.get(self._store, path, options=options)
        body = bytes(found.bytes())
        stored = Stored.of(body, self._twin(path), found.meta["last_modified"].replace(microsecond=0))
        return _Mark(found.meta["e_tag"], found.meta["version"], asked), stored

    def _twin(self, path: str) -> bytes | None:
        try:
            return bytes(obstore.get(self._store, path + TWIN).bytes())
        except FileNotFoundError:
            return None

    def _put_twin(self, path: str, body: bytes) -> None:
        """Before its document, see DirectoryStorage; unconditional, since reading sees whether the two belong."""
        packed = twin_of(body)
        if packed is None:
            self._delete(path + TWIN)
            return
        attributes: Attributes = {**self._attributes(path), "Content-Encoding": "gzip"}
        obstore.put(self._store, path + TWIN, packed, attributes=attributes, use_multipart=False)

    def _put(self, path: str, body: bytes, mode: "PutMode") -> None:
        try:
            obstore.put(self._store, path, body, attributes=self._attributes(path), mode=mode, use_multipart=False)
        except (AlreadyExistsError, PreconditionError):
            self._kept.forget(path)
            raise StorageRefused(path, "another writer was faster", now="it is compared and tried again") from None

    def _delete(self, key: str) -> None:
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return

    def _attributes(self, path: str) -> "Attributes":
        seconds = self._cache_seconds
        return {"Content-Type": content_type(path), "Cache-Control": cache_control(path, seconds=seconds)}


def _still(mark: _Mark) -> "PutMode":
    """Only over the version that was seen; S3 and Azure go by the tag, Google by the version."""
    if mark.e_tag is None:
        return "create"
    seen: UpdateVersion = {"e_tag": mark.e_tag}
    return {**seen, "version": mark.version} if mark.version else seen


@contextmanager
def _refusing(path: str) -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        # What follows the first line repeats it in the words of the library's insides.
        reason = str(error).partition("\n")[0][:300]
        now = "check config.yaml: feeds.storage, the network, and the endpoint and credentials in the environment"
        raise StorageRefused(path, reason, now=now) from None
