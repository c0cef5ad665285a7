"""From bytes to what a reader has of them."""

from collections.abc import Callable

from feeds.check.read_atom import read_atom
from feeds.check.read_json import read_json
from feeds.check.read_rss import read_rss
from feeds.check.seen import SeenFeed
from feeds.form import Form

_READERS: dict[Form, Callable[[bytes], SeenFeed]] = {Form.ATOM: read_atom, Form.RSS: read_rss, Form.JSON: read_json}


def read(form: Form, document: bytes) -> SeenFeed:
    """What the document says. Raises etree.XMLSyntaxError or ValueError where it says nothing that can be read."""
    return _READERS[form](document)
