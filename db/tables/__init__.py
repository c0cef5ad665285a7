"""The post store's tables. They have no behaviour; questions about them live in the files of their nouns."""

from db.tables.base import Base
from db.tables.catching_up import CatchUpFeed
from db.tables.house import Audit, Installation
from db.tables.pacing import Turn
from db.tables.publishing import Archive, FeedWork, Fragment, Ping
from db.tables.reading import CatchUp, DigestHour, Subscriber, Subscription, Suppression, Token
from db.tables.sending import Batch, Delivery, DeliveryMark, Edition, EditionCut, Variant
from db.tables.writing import (
    Media,
    Post,
    PostMove,
    PostTag,
    Release,
    Revision,
    RevisionMedia,
    Series,
    SeriesMove,
    Withdrawal,
)

__all__ = [
    "Archive",
    "Audit",
    "Base",
    "Batch",
    "CatchUp",
    "CatchUpFeed",
    "Delivery",
    "DeliveryMark",
    "DigestHour",
    "Edition",
    "EditionCut",
    "FeedWork",
    "Fragment",
    "Installation",
    "Media",
    "Ping",
    "Post",
    "PostMove",
    "PostTag",
    "Release",
    "Revision",
    "RevisionMedia",
    "Series",
    "SeriesMove",
    "Subscriber",
    "Subscription",
    "Suppression",
    "Token",
    "Turn",
    "Variant",
    "Withdrawal",
]
