"""What is not yet written: no fault, but it explains others."""

from collections.abc import Iterator

from db import feed_work
from feeds.check.archives import Placed
from feeds.check.finding import Found
from feeds.check.model import Model
from feeds.publish import OPML_PATH


def what_is_behind(model: Model) -> Iterator[Placed]:
    for topic, problem in model.behind.items():
        words = f"it waits to be written{f': {problem}' if problem else ''}"
        for path in _paths(model, topic):
            yield path, Found("behind", words)


def _paths(model: Model, topic: str) -> list[str]:
    if topic == feed_work.OPML:
        return [OPML_PATH]
    # What is to be deleted has no documents; it is called by its topic.
    return [one.path for one in model.documents.values() if one.topic == topic and not one.frozen] or [topic]
