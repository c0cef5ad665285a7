"""The post store's tables. They have no behaviour; questions about them live in the files of their nouns."""

from db.tables.asking import Consent, Throttle, Wish
from db.tables.base import Base
from db.tables.catching_up import CatchUpFeed
from db.tables.counting import Crowd, CrowdCount, FeedRequests
from db.tables.house import Audit, Import, Installation
from db.tables.operating import Attempt, Invitation, Operator, RecoveryCode, SignIn
from db.tables.pacing import Turn
from db.tables.publishing import Archive, FeedWork, Fragment, Ping
from db.tables.reading import CatchUp, DigestHour, Subscriber, Subscription, Suppression, Token
from db.tables.returning import Bounce
from db.tables.sending import Batch, Delivery, DeliveryMark, Edition, EditionCut, Variant
from db.tables.uploading import Upload, UploadPart, UploadRefusal
from db.tables.writing import (
    Media,
    Post,
    PostMove,
    PostTag,
    PostUpload,
    Release,
    Revision,
    RevisionMedia,
    Series,
    SeriesMove,
    Withdrawal,
)

__all__ = [
    "Archive",
    "Attempt",
    "Audit",
    "Base",
    "Batch",
    "Bounce",
    "CatchUp",
    "CatchUpFeed",
    "Consent",
    "Crowd",
    "CrowdCount",
    "Delivery",
    "DeliveryMark",
    "DigestHour",
    "Edition",
    "EditionCut",
    "FeedRequests",
    "FeedWork",
    "Fragment",
    "Import",
    "Installation",
    "Invitation",
    "Media",
    "Operator",
    "Ping",
    "Post",
    "PostMove",
    "PostTag",
    "PostUpload",
    "RecoveryCode",
    "Release",
    "Revision",
    "RevisionMedia",
    "Series",
    "SeriesMove",
    "SignIn",
    "Subscriber",
    "Subscription",
    "Suppression",
    "Throttle",
    "Token",
    "Turn",
    "Upload",
    "UploadPart",
    "UploadRefusal",
    "Variant",
    "Wish",
    "Withdrawal",
]
