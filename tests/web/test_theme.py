"""An operator's own templates and theme go before ours."""

import re
from pathlib import Path

import pytest

import templates
from tests.program.running import Program
from tests.web.making import Shop, a_series

SHEETS = Path(templates.__file__).parent
TOKENS = (SHEETS / "web" / "tokens.css").read_text()


def test_a_theme_comes_last_in_the_style_sheet_and_changes_its_address(shop: Shop, tmp_path: Path):
    plain = shop.get("/").text.split("style.css?v=")[1][:12]
    (tmp_path / "theme" / "web").mkdir(parents=True)
    (tmp_path / "theme" / "web" / "theme.css").write_text(":root { --accent: #6B2D5C; }")

    shop.templates = tmp_path / "theme"

    assert shop.get("/static/style.css").text.endswith(":root { --accent: #6B2D5C; }")
    assert shop.get("/").text.split("style.css?v=")[1][:12] != plain


def test_readers_and_operators_have_the_same_colours_which_a_theme_changes_for_both(shop: Shop, tmp_path: Path):
    (tmp_path / "theme" / "web").mkdir(parents=True)
    (tmp_path / "theme" / "web" / "theme.css").write_text(":root { --accent: #6B2D5C; }")
    shop.templates = tmp_path / "theme"

    [operators] = re.findall(r"/operator/assets/operator-[^\"]+", shop.get("/operator/sign-in").text)
    sheets = [shop.get(address).text for address in ("/static/style.css", operators)]

    assert [sheet.startswith(TOKENS) for sheet in sheets] == [True, True]
    assert [sheet.endswith(":root { --accent: #6B2D5C; }") for sheet in sheets] == [True, True]


@pytest.mark.parametrize("name", ["web/style.css", "web/operator/style.css"])
def test_a_sheet_names_no_colour_of_its_own_and_no_token_that_is_not_there(name: str):
    sheet = (SHEETS / name).read_text()

    assert re.findall(r"#[0-9A-Fa-f]{3,8}\b|\brgba?\(|\bhsla?\(", sheet) == []
    assert set(re.findall(r"var\((--[\w-]+)", sheet)) <= set(re.findall(r"(--[\w-]+):", TOKENS + sheet))


def test_dark_gives_every_colour_another_value():
    light, dark, _print = (set(re.findall(r"(--[\w-]+): #", part)) for part in TOKENS.split("@media"))

    assert light == dark


def test_a_template_of_the_same_name_is_used_in_place_of_ours(shop: Shop, tmp_path: Path):
    a_series(shop)
    (tmp_path / "theme" / "web").mkdir(parents=True)
    (tmp_path / "theme" / "web" / "series.html").write_text("<h1>Mine: {{ series.title }}</h1>")

    shop.templates = tmp_path / "theme"

    assert shop.get("/primer/").text == "<h1>Mine: The Primer</h1>"


def test_a_folder_of_templates_that_is_not_there_is_named(tmp_path: Path):
    program = Program(tmp_path)
    program("init")
    program.write("config.yaml", (tmp_path / "config.yaml").read_text() + "templates: theme\n")

    ended = program("serve", "--roles", "web")

    assert ended.code == 2
    assert f"templates: {tmp_path / 'theme'} is no folder" in ended.err
