"""Writes every letter in every state and language as HTML and text, and takes pictures of them where Chromium is there.

    python scripts/letter-pictures.py FOLDER [LETTER …]

Pictures are 360 and 700 pixels wide, light and dark: of the first state of each letter, or of all of those named. Of
all letters, without a LETTER, those few that the documentation shows are taken anew, too.
"""

import dataclasses
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, FloatRect, Page, sync_playwright

from mail.samples import GAPS_OF_SAMPLES, Sample, samples
from mail.showing import shown
from templates.environment import environment
from templates.languages import languages

WIDTHS = (360, 700)
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
DOCUMENTED = Path(__file__).parents[1] / "docs" / "pictures" / "letters"
TALLEST = 720
"""Pixels of a picture in the documentation: what a reader sees at first."""


@dataclasses.dataclass(frozen=True)
class Shot:
    """A picture of the documentation, by its name there: the upper part of one letter in one of its states."""

    name: str
    letter: str
    state: str
    language: str = "en"
    width: int = 360
    scheme: Literal["light", "dark"] = "light"

    @property
    def page(self) -> str:
        return page_of(self.letter, self.state, self.language)


SHOTS = (
    Shot("confirm", "confirm", "two days"),
    Shot("welcome-german", "welcome", "by digest", language="de"),
    Shot("digest", "digest", "three chapters of two series"),
    Shot("digest-dark", "digest", "three chapters of two series", scheme="dark"),
    Shot("instant-wide", "instant", "one chapter", width=700),
    Shot("catch-up", "catch-up", "a chapter of the past"),
    Shot("correction", "correction", "a chapter with a number"),
    Shot("goodbye-dark", "goodbye", "goodbye", scheme="dark"),
)


def main() -> None:
    folder, named = Path(sys.argv[1]), set(sys.argv[2:])
    folder.mkdir(parents=True, exist_ok=True)
    pages = [page for sample in samples() if not named or sample.letter in named for page in written(folder, sample)]
    chromium = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)
    print(f"{len(pages)} letters are in {folder}.")
    if chromium is None:
        print("No pictures: there is no Chromium. On Debian: sudo apt-get install chromium")
        return
    wanted = pages if named else first_of_each(pages)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for page in wanted:
            take_pictures(browser, page)
        for shot in () if named else SHOTS:
            document(browser, folder, shot)
        browser.close()
    print(f"{len(wanted) * len(WIDTHS) * len(SCHEMES)} pictures lie beside them.")
    if not named:
        print(f"{len(SHOTS)} more are in {DOCUMENTED}.")


def written(folder: Path, sample: Sample) -> Iterator[Path]:
    for language in languages():
        seen = shown(sample.render(environment(), language, "html"), GAPS_OF_SAMPLES)
        page = folder / page_of(sample.letter, sample.state, language)
        page.write_text(seen.html or "", encoding="utf-8")
        page.with_suffix(".txt").write_text(f"Subject: {seen.subject}\n\n{seen.text}", encoding="utf-8")
        yield page


def page_of(letter: str, state: str, language: str) -> str:
    return f"{letter}.{state.replace(' ', '-')}.{language}.html"


def first_of_each(pages: list[Path]) -> list[Path]:
    """The first state of each letter, in each language."""
    first: dict[tuple[str, str], Path] = {}
    for page in pages:
        letter, _, language = page.stem.split(".")
        first.setdefault((letter, language), page)
    return list(first.values())


def take_pictures(browser: Browser, page: Path) -> None:
    for width in WIDTHS:
        for scheme in SCHEMES:
            with opened(browser, page, width=width, scheme=scheme) as sheet:
                sheet.screenshot(path=page.with_suffix(f".{width}.{scheme}.png"), full_page=True)


def document(browser: Browser, folder: Path, shot: Shot) -> None:
    DOCUMENTED.mkdir(parents=True, exist_ok=True)
    with opened(browser, folder / shot.page, width=shot.width, scheme=shot.scheme) as sheet:
        height = min(TALLEST, round(sheet.evaluate("document.documentElement.scrollHeight")))
        clip: FloatRect = {"x": 0, "y": 0, "width": shot.width, "height": height}
        sheet.screenshot(path=DOCUMENTED / f"{shot.name}.png", full_page=True, clip=clip)


@contextmanager
def opened(browser: Browser, page: Path, *, width: int, scheme: Literal["light", "dark"]) -> Iterator[Page]:
    sheet = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    # What a letter shows from elsewhere is not there.
    sheet.route("http*://**", lambda route: route.abort())
    sheet.goto(page.resolve().as_uri())
    yield sheet
    sheet.close()


if __name__ == "__main__":
    main()
