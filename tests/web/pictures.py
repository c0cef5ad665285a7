"""Pictures of every page, to be looked at: `python -m tests.web.pictures FOLDER [NAME …]`.

Each page at the width of a desk and of a phone, light and dark, as FOLDER/NAME-1280-light.png and so on.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.web.browser import chromium
from tests.web.scene import Visit, served_scene, visits
from tests.web.windows import a_window

WIDTHS = (1280, 360)
SCHEMES = ("light", "dark")


def main(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with served_scene(Path(tempfile.mkdtemp())) as (shop, url), chromium() as browser:
        wanted = [visit for visit in visits(shop) if not names or visit.name in names]
        for width in WIDTHS:
            for scheme in SCHEMES:
                _take(browser, url, wanted, folder, width=width, scheme=scheme)


def _take(browser: Browser, url: str, wanted: list[Visit], folder: Path, *, width: int, scheme: str) -> None:
    how = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme, "reduced_motion": "reduce"}
    windows = {who: a_window(browser, url, who, **how) for who in {visit.who for visit in wanted}}
    for visit in wanted:
        page = windows[visit.who].new_page()
        page.goto(url + visit.path)
        visit.act(page)
        page.screenshot(path=folder / f"{visit.name}-{width}-{scheme}.png", full_page=True)
        page.close()
    for window in windows.values():
        window.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("python -m tests.web.pictures FOLDER [NAME …]")
    main(Path(sys.argv[1]), sys.argv[2:])
