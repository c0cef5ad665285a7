"""The configuration: `config.yaml`, overridden by `FASCICLE_…` variables, read once into a frozen object."""

from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from db.errors import BadValue, FascicleError
from fascicle.config_bounces import Bounces, Mailbox
from fascicle.config_mail import Mail, Relay, SigningKey
from fascicle.config_part import Part
from feeds.outward import place_of
from feeds.storage import SCHEMES, names_objects
from timing.wall import is_zone


class ConfigRefused(FascicleError):
    """A configuration that cannot be read; the message has one line a problem, each with its path."""


class Author(Part):
    name: str
    email: str | None = None


class Site(Part):
    title: str
    url: Annotated[str, Field(pattern=r"^https?://[^/?#\s]+[^?#\s]*$")]
    author: Author
    language: str = "en"
    zone: str = "UTC"
    postal_address: str = ""

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if not is_zone(value):
            raise ValueError(f"{value!r} is not an IANA zone; one such is Europe/Riga")
        return value


class Feeds(Part):
    storage: str = "public"
    cache_seconds: Annotated[int, Field(ge=0, le=86_400)] = 60
    hub: Annotated[str, Field(pattern=r"^https?://[^\s<>]+$")] | None = None
    hub_private: bool = False
    full_text: bool = True
    rights: str | None = None
    icon: Annotated[str, Field(pattern=r"^https?://[^\s<>]+$")] | None = None
    logo: Annotated[str, Field(pattern=r"^https?://[^\s<>]+$")] | None = None

    @field_validator("storage")
    @classmethod
    def _known_storage(cls, value: str) -> str:
        if "://" in value and not names_objects(value):
            known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
            raise ValueError(f"a folder is expected, or a URL of an object store, which begins with {known}")
        return value

    @field_validator("hub")
    @classmethod
    def _place_of_hub(cls, value: str | None) -> str | None:
        try:
            place_of(value or "https://example.org")
        except BadValue as error:
            raise ValueError(str(error)) from None
        return value


class Release(Part):
    missed_after_seconds: Annotated[int, Field(ge=1)] = 300
    hold_after_hours: Annotated[int, Field(ge=1)] = 24

    @property
    def missed_after(self) -> timedelta:
        return timedelta(seconds=self.missed_after_seconds)

    @property
    def hold_after(self) -> timedelta:
        return timedelta(hours=self.hold_after_hours)


class Config(BaseSettings):
    """Paths are absolute here: those in the file are relative to the file."""

    model_config = SettingsConfigDict(
        env_prefix="FASCICLE_", env_nested_delimiter="__", frozen=True, extra="forbid", env_ignore_empty=True
    )

    site: Site
    listen: Annotated[str, Field(pattern=r"^.+:\d{1,5}$")] = "127.0.0.1:8000"
    database: str = "sqlite:///fascicle.db"
    secret_file: Path = Path("secret.key")
    feeds: Feeds = Feeds()
    mail: Mail
    relays: Annotated[dict[str, Relay], Field(min_length=1)]
    bounces: Bounces | None = None
    release: Release = Release()
    templates: Path | None = None
    dispatch: Literal["embedded", "procrastinate"] = "embedded"
    _file: Path = PrivateAttr(default=Path("config.yaml"))

    @field_validator("dispatch")
    @classmethod
    def _store_that_can(cls, value: str, info: ValidationInfo) -> str:
        if value == "procrastinate" and not info.data.get("database", "").startswith("postgresql"):
            raise ValueError("this needs PostgreSQL; name it in `database`, or leave this at embedded")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment goes before the file (which arrives as init arguments)."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    @property
    def file(self) -> Path:
        """Where it was read from."""
        return self._file

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0]

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    @property
    def node_file(self) -> Path:
        """This node's own note of which store it works for, beside its secret."""
        return self.secret_file.with_name("node.json")


def password_in(path: Path) -> str:
    """The first line of a file. Raises FascicleError where there is none."""
    try:
        return path.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, IndexError, UnicodeDecodeError):
        raise FascicleError(f"{path}: no password on its first line") from None


def read_config(path: Path) -> Config:
    """The configuration of a file and the environment. Raises ConfigRefused with all that is wrong, by path."""
    values = _read_yaml(path)
    try:
        config = Config(**values)
    except ValidationError as error:
        lines = [_told(path.name, detail) for detail in error.errors()]
        raise ConfigRefused("\n".join(lines)) from None
    config._file = path.resolve()
    return _with_absolute_paths(config, path.resolve().parent)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigRefused(f"{path}: no such file; `fascicle init` writes one, or name yours with --config") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigRefused(f"{path}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ConfigRefused(f"{path.name}{line}: not YAML: {getattr(error, 'problem', error)}") from None
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise ConfigRefused(f"{path.name}: a mapping of settings is expected, such as `site:`")
    return values


def _told(name: str, detail: ErrorDetails) -> str:
    place = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        close = get_close_matches(str(detail["loc"][-1]), _known_keys(), n=1)
        hint = f" Did you mean `{close[0]}`?" if close else ""
        return f"{name}: {place}: not a setting we know.{hint}"
    if detail["type"] == "missing":
        return f"{name}: {place}: is missing"
    message = detail["msg"].removeprefix("Value error, ")
    return f"{name}: {place}: {message} (it is {detail['input']!r})"


def _known_keys() -> list[str]:
    parts: list[type[BaseModel]] = [Config, Site, Author, Feeds, Mail, SigningKey, Relay, Bounces, Mailbox, Release]
    return [field.alias or name for part in parts for name, field in part.model_fields.items()]


def _with_absolute_paths(config: Config, folder: Path) -> Config:
    relays = {
        name: relay.model_copy(update={"password_file": relay.password_file and folder / relay.password_file})
        for name, relay in config.relays.items()
    }
    return config.model_copy(
        update={
            "secret_file": folder / config.secret_file,
            "database": _absolute_sqlite(config.database, folder),
            "feeds": config.feeds.model_copy(update={"storage": _absolute_storage(config.feeds.storage, folder)}),
            "relays": relays,
            "templates": config.templates and folder / config.templates,
            "bounces": config.bounces and config.bounces.beside(folder),
            "mail": _with_absolute_keys(config.mail, folder),
        }
    )


def _with_absolute_keys(mail: Mail, folder: Path) -> Mail:
    keys = tuple(key.model_copy(update={"key_file": folder / key.key_file}) for key in mail.dkim)
    return mail.model_copy(update={"dkim": keys})


def _absolute_storage(storage: str, folder: Path) -> str:
    return storage if names_objects(storage) else str(folder / storage)


def _absolute_sqlite(url: str, folder: Path) -> str:
    scheme, separator, rest = url.partition(":///")
    if not separator or not scheme.startswith("sqlite") or rest.startswith("/") or not rest:
        return url
    return f"{scheme}:///{folder / rest}"
