"""Looking for mistakes in templates: all letters are rendered in all their states, in every language and format."""

import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from jinja2 import Environment, TemplateError, TemplateNotFound, TemplateSyntaxError, meta

from db.errors import BadValue
from db.states import Purpose
from mail.letter import TemplateBroken
from mail.samples import POSTS, Format, Sample, samples
from mail.skeleton import Skeleton
from templates.environment import FOLDER
from templates.languages import languages

KINDS = (".html", ".txt", ".css")
_ASKING = (Purpose.confirm, Purpose.change_address, Purpose.new_address, Purpose.export, Purpose.erase)
NEEDED = dict.fromkeys((*POSTS, Purpose.correction), "unsubscribe_url") | dict.fromkeys(_ASKING, "action_url")
"""The link without which a letter has no use, or may not be sent."""


@dataclass(frozen=True)
class Mistake:
    """What is wrong in a template; `file` is relative to its folder, `line` is None where none can be told."""

    file: str
    line: int | None
    message: str
    seen_in: str = field(default="", compare=False)
    """The letter and the state in which it was met first; it may be the same in others."""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        return f"{place}: {self.message}" + (f" (in {self.seen_in})" if self.seen_in else "")


def check(env: Environment, folder: Path | None) -> list[Mistake]:
    """All mistakes of the templates of an environment, each once; `folder` is that of the operator's own."""
    found: dict[Mistake, None] = {}
    own = [] if folder is None else own_files(folder)
    for mistake in (*_unreadable(env, own), *_unused(env, own)):
        found[mistake] = None
    if not found:
        for sample in samples():
            for mistake in _rendered(env, sample, folder):
                found.setdefault(mistake)
    return list(found)


def own_files(folder: Path) -> list[str]:
    """The names of the templates in a folder, with slashes."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in KINDS and path.is_file())
    return [path.relative_to(folder).as_posix() for path in files]


def built_in() -> list[str]:
    """The names of all templates that an operator can put another one in the place of."""
    return own_files(FOLDER)


def _unreadable(env: Environment, own: list[str]) -> Iterator[Mistake]:
    for name in own:
        try:
            env.get_template(name)
        except TemplateSyntaxError as error:
            yield Mistake(error.name or name, error.lineno, error.message or "cannot be read")
        except UnicodeDecodeError:
            yield Mistake(name, None, "is not valid UTF-8; save the file as UTF-8")


def _unused(env: Environment, own: list[str]) -> Iterator[Mistake]:
    """What is not in the place of anything, and is named by nothing: most likely its name has a mistake in it."""
    known = built_in()
    strange = set(own) - set(known)
    if not strange:
        return
    named = {name for each in {*known, *own} for name in _names_in(env, each)}
    for name in sorted(strange - named):
        near = get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]}?" if near else " `fascicle templates list` names those there are."
        yield Mistake(name, None, f"stands for no template, and no template names it.{hint}")


def _names_in(env: Environment, name: str) -> set[str]:
    assert env.loader is not None
    try:
        source, _, _ = env.loader.get_source(env, name)
        return {one for one in meta.find_referenced_templates(env.parse(source)) if one}
    except (TemplateError, UnicodeDecodeError):
        return set()


def _rendered(env: Environment, sample: Sample, folder: Path | None) -> Iterator[Mistake]:
    forms: tuple[Format, ...] = ("html", "text")
    for language in languages():
        for form in forms:
            try:
                skeleton = sample.render(env, language, form)
            except TemplateBroken as broken:
                yield _placed(broken.__cause__ or broken, sample, folder)
            except BadValue as error:
                yield Mistake(f"email/{sample.letter}", None, str(error), _met_in(sample))
            else:
                yield from _missing_links(sample, skeleton, form)


def _placed(error: BaseException, sample: Sample, folder: Path | None) -> Mistake:
    """A mistake with the last place in a template that led to it."""
    if isinstance(error, TemplateSyntaxError):
        return Mistake(error.name or f"email/{sample.letter}", error.lineno, error.message or "cannot be read")
    message = f"there is no template {error.name}" if isinstance(error, TemplateNotFound) else str(error)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if name := _name_of(Path(frame.filename), folder):
            return Mistake(name, frame.lineno, message, _met_in(sample))
    return Mistake(f"email/{sample.letter}", None, message, _met_in(sample))


def _met_in(sample: Sample) -> str:
    return f"{sample.letter}: {sample.state}"


def _name_of(path: Path, folder: Path | None) -> str | None:
    """The name of a template by its file; None for what is none."""
    for root in (folder, FOLDER):
        if root is not None and path.suffix in KINDS and path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return None


def _missing_links(sample: Sample, skeleton: Skeleton, form: Format) -> Iterator[Mistake]:
    needed = NEEDED.get(sample.letter)
    if needed is None:
        return
    for in_html, file in ((False, "body.txt"), (True, "body.html")):
        if (needed, in_html) not in skeleton.gaps and (form == "html" or not in_html):
            yield Mistake(f"email/{sample.letter}/{file}", None, f"does not print {needed}; every such letter has to")
