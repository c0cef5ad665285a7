"""What a site says of itself in everything it publishes, and the heads of its feeds."""

from dataclasses import dataclass, replace
from datetime import datetime

from db.tables import Installation, Series
from feeds.archive import ARCHIVE
from feeds.form import Form
from feeds.head import Head
from feeds.style import style_version
from text.addresses import Addresses

NEWEST = ARCHIVE
"""Posts in a feed that is not of one series: the last ones."""


@dataclass(frozen=True, kw_only=True)
class Publication:
    """The site as its feeds name it; `full_text` says whether they carry whole posts or only summaries."""

    addresses: Addresses
    title: str
    author_name: str
    author_email: str | None
    language: str
    rights: str | None = None
    icon: str | None = None
    logo: str | None = None
    hub: str | None = None
    full_text: bool = True

    def author_of(self, series_author: str | None, own: str | None = None) -> tuple[str, str | None]:
        """Name and e-mail address; the site's address belongs to the site's author alone."""
        author = own or series_author
        return (author, None) if author else (self.author_name, self.author_email)

    def of_all(self, house: Installation) -> Head:
        minted = f"tag:{house.minted_domain},{house.created_at:%Y-%m-%d}"
        urls = {form: self.addresses.all_feed(form) for form in Form}
        return self._mixed(f"{minted}:all:{house.name}", self.title, urls, made_at=house.created_at)

    def of_tag(self, house: Installation, tag: str, name: str) -> Head:
        minted = f"tag:{house.minted_domain},{house.created_at:%Y-%m-%d}"
        urls = {form: self.addresses.tag_feed(tag, form) for form in Form}
        title = f"{self.title}: {name}"
        return self._mixed(f"{minted}:tag:{tag}:{house.name}", title, urls, made_at=house.created_at)

    def of_series(self, series: Series, *, archives: int) -> Head:
        """The live feed; `archives` is how many it continues in."""
        urls = {form: self.addresses.series_feed(series.slug, form) for form in Form}
        return self._series(
            series,
            urls,
            prev_archive=self._archive(series, archives),
            complete=archives == 0,
            ended=series.ended_at is not None,
            hub=self.hub,
        )

    def of_archive(self, series: Series, number: int) -> Head:
        live = {Form.ATOM: self.addresses.series_feed(series.slug, Form.ATOM)}
        urls = self._archive(series, number)
        return self._series(series, urls, prev_archive=self._archive(series, number - 1), archive_of=live)

    def of_catch_up(self, series: Series, url: str, *, id: str, made_at: datetime, ended: bool) -> Head:
        """A private feed at an address of its own, of which no hub is told."""
        catching_up = self._series(series, {Form.ATOM: url}, ended=ended)
        return replace(catching_up, id=id, title=f"{series.title} (catch-up)", empty_updated=made_at)

    def _archive(self, series: Series, number: int) -> dict[Form, str]:
        """Archives are written as Atom only; readers that follow them know it."""
        return {Form.ATOM: self.addresses.archive(series.slug, series.generation, number)} if number else {}

    def _series(self, series: Series, urls: dict[Form, str], **more: object) -> Head:
        name, email = self.author_of(series.author)
        return Head(
            id=series.entry_id,
            title=series.title,
            subtitle=series.subtitle or None,
            urls=urls,
            alternate=self.addresses.series(series.slug),
            language=series.language,
            author_name=name,
            author_email=email,
            rights=self.rights,
            icon=self.icon,
            logo=self.logo,
            stylesheet=self.stylesheet,
            empty_updated=series.created_at,
            **more,  # type: ignore[arg-type]  # what differs between a live feed and an archive
        )

    def _mixed(self, id: str, title: str, urls: dict[Form, str], *, made_at: datetime) -> Head:
        return Head(
            id=id,
            title=title,
            urls=urls,
            alternate=self.addresses.site(),
            language=self.language,
            author_name=self.author_name,
            author_email=self.author_email,
            rights=self.rights,
            icon=self.icon,
            logo=self.logo,
            hub=self.hub,
            stylesheet=self.stylesheet,
            empty_updated=made_at,
        )

    @property
    def stylesheet(self) -> str:
        return f"{self.addresses.feed_style()}?{style_version()}"
