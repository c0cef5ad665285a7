"""What an entry is encoded as today, by the version of the renderer."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from feeds.document import written
from feeds.entry import Enclosure, Entry
from feeds.form import Form
from feeds.fragment import fragment
from feeds.head import Deleted, Head
from text.markdown import Links, feed_html

GOLDEN = (1, {"atom": "7b7a4b1ed4f24b39", "rss": "c51e9cffa9f64de2", "json": "4fe740a362ee058c"})

_WRITTEN = """
# A heading

Some *words* with a [link](../2/) and ![a picture](cat.png), $e^{i\\pi} = -1$, and a note.[^1]

```python
def attention(query, keys):
    return softmax(query @ keys.T)
```

| a | b |
|---|---|
| 1 | 2 |

> Quoted <u>raw</u> <script>gone()</script>

[^1]: At the foot.
"""


def golden_digests():
    """The first sixteen digits of each form's digest."""
    return {form.value: hashlib.sha256(fragment(form, _entry())).hexdigest()[:16] for form in Form}


def _entry():
    links = Links("https://example.org/primer/1/", {"cat.png": "https://example.org/media/aa/cat.png"})
    return Entry(
        id="tag:example.org,2026:primer/1",
        title="Q & A",
        url=links.base,
        author_name="A. Writer",
        author_email="a@example.org",
        published=datetime(2026, 3, 1, 7, tzinfo=UTC),
        updated=datetime(2026, 3, 2, 7, tzinfo=UTC),
        summary="1 < 2",
        content_html=feed_html(_WRITTEN, links),
        tags=("math", "nlp"),
        language="en",
        series_title="LLM primer",
        enclosures=(Enclosure(url="https://example.org/1.mp3", content_type="audio/mpeg", length=1, title="Listen"),),
    )


def golden_document(form):
    """A document with something of everything."""
    head = Head(
        id="tag:example.org,2026:primer",
        title="LLM primer",
        subtitle="In parts",
        urls={form: f"https://example.org/primer/feed.{form}" for form in Form},
        alternate="https://example.org/primer/",
        language="en",
        author_name="A. Writer",
        author_email="a@example.org",
        rights="CC BY",
        icon="https://example.org/icon.png",
        logo="https://example.org/logo.png",
        hub="https://hub.example/",
        stylesheet="https://example.org/static/feed.css",
        empty_updated=datetime(2026, 1, 1, tzinfo=UTC),
        prev_archive={form: f"https://example.org/primer/archive/1/1.{form}" for form in Form},
    )
    entry = _entry()
    gone = [Deleted(datetime(2026, 3, 4, 7, tzinfo=UTC), "tag:example.org,2026:primer/9")]
    return written(form, head, [entry, replace(entry, id="tag:example.org,2026:primer/2")], gone)
