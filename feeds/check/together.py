"""What the forms of one feed must have in common: who changes from one to the other sees nothing twice."""

from collections.abc import Iterator, Mapping

from feeds.check.archives import Placed
from feeds.check.finding import Found
from feeds.check.model import Model
from feeds.check.seen import SeenFeed
from feeds.form import Form


def ids_are_the_same_in_each_form(model: Model, seen: Mapping[str, SeenFeed]) -> Iterator[Placed]:
    for path, feed in seen.items():
        document = model.documents[path]
        first = seen.get(f"{path.removesuffix(feed.form)}{Form.ATOM}")
        if first is None or document.frozen or feed.form is Form.ATOM:
            continue
        if differing := sorted(set(feed.ids) ^ set(first.ids)):
            words = f"the ids of Atom are others, such as {differing[0]}: who changes the form sees entries twice"
            yield path, Found("forms-differ", words, differing[0])
