import hashlib
import locale
import os
import subprocess
import sys

import pytest

from feeds.form import Form
from tests.feeds.golden import golden_document
from tests.feeds.reading import seen

OTHERS = [
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Apia", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "2", "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8", "LANG": "de_DE.UTF-8"},
]
PRINT = """
import hashlib, locale
from feeds.form import Form
from tests.feeds.golden import golden_document
locale.setlocale(locale.LC_ALL, "")
print(*(hashlib.sha256(golden_document(form)).hexdigest() for form in Form))
"""


@pytest.mark.parametrize("environment", OTHERS, ids=lambda environment: environment["TZ"])
def test_another_process_with_another_hash_seed_locale_and_zone_writes_the_same_bytes(environment):
    here = [hashlib.sha256(golden_document(form)).hexdigest() for form in Form]

    ran = subprocess.run(
        [sys.executable, "-c", PRINT], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )

    assert ran.stdout.split() == here


def test_a_render_leaves_the_locale_alone(form, monkeypatch):
    def refused(*_arguments):
        raise AssertionError("the locale belongs to the whole process")

    monkeypatch.setattr(locale, "setlocale", refused)

    assert len(seen(form, golden_document(form))) == 2


def test_two_idle_renders_are_the_same_bytes(form):
    assert golden_document(form) == golden_document(form)
