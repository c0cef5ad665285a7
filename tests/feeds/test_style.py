import re

from feeds.style import style, style_version


def test_the_sheet_is_text_without_anything_from_elsewhere():
    sheet = style().decode()

    assert "url(" not in sheet
    assert "@import" not in sheet
    assert sheet.count("{") == sheet.count("}")


def test_every_colour_of_the_sheet_is_defined_in_both_lights():
    sheet = style().decode()
    light, dark = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)

    colours = set(re.findall(r"(--[\w-]+): #", light))
    assert colours == set(re.findall(r"(--[\w-]+): #", dark))
    assert set(re.findall(r"var\((--[\w-]+)\)", sheet)) <= colours | {"--serif", "--sans"}


def test_its_version_can_stand_in_an_address():
    assert re.fullmatch("[0-9a-f]{12}", style_version())
