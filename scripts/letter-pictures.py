"""Writes every letter in every state and language as HTML and text, and takes pictures of them where Chromium is there.

    python scripts/letter-pictures.py FOLDER [LETTER …]

Pictures are 360 and 700 pixels wide, light and dark: of the first state of each letter, or of all of those named.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from mail.samples import GAPS_OF_SAMPLES, Sample, samples
from mail.showing import shown
from templates.environment import environment
from templates.languages import languages

WIDTHS = (360, 700)
SCHEMES = ("light", "dark")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


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
        browser.close()
    print(f"{len(wanted) * len(WIDTHS) * len(SCHEMES)} pictures lie beside them.")


def written(folder: Path, sample: Sample) -> Iterator[Path]:
    for language in languages():
        seen = shown(sample.render(environment(), language, "html"), GAPS_OF_SAMPLES)
        page = folder / f"{sample.letter}.{sample.state.replace(' ', '-')}.{language}.html"
        page.write_text(seen.html or "", encoding="utf-8")
        page.with_suffix(".txt").write_text(f"Subject: {seen.subject}\n\n{seen.text}", encoding="utf-8")
        yield page


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
            sheet = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
            # What a letter shows from elsewhere is not there.
            sheet.route("http*://**", lambda route: route.abort())
            sheet.goto(page.resolve().as_uri())
            sheet.screenshot(path=page.with_suffix(f".{width}.{scheme}.png"), full_page=True)
            sheet.close()


if __name__ == "__main__":
    main()
