"""What all tables share: names of constraints (so that migrations can name them) and the types of columns."""

from datetime import datetime
from typing import Annotated

from sqlalchemy import ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, mapped_column

from db.types import Id, Instant, Wall

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Instant()}


Key = Annotated[int, mapped_column(Id, primary_key=True, autoincrement=True)]
Count = Annotated[int, mapped_column(Id, default=0)]
WallTime = Annotated[datetime, mapped_column(Wall())]
SeriesKey = Annotated[int, mapped_column(Id, ForeignKey("series.id", ondelete="CASCADE"))]
PostKey = Annotated[int, mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"))]
SubscriberKey = Annotated[int, mapped_column(Id, ForeignKey("subscribers.id", ondelete="CASCADE"))]
EditionKey = Annotated[int, mapped_column(Id, ForeignKey("editions.id", ondelete="CASCADE"))]
UploadKey = Annotated[int, mapped_column(Id, ForeignKey("uploads.id", ondelete="CASCADE"))]
