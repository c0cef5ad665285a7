"""Faults that validators do not see, put into documents that were really published: each is found, and by its name."""

import pytest

from feeds.check.model import Model
from tests.feeds.check.defects_of_documents import OF_DOCUMENTS
from tests.feeds.check.defects_of_entries import OF_ENTRIES
from tests.feeds.check.shelf import Shelf
from tests.feeds.check.spoiling import Defect, found_after

DEFECTS = [*OF_ENTRIES, *OF_DOCUMENTS]


@pytest.mark.parametrize("defect", DEFECTS, ids=str)
def test_a_defect_is_found_by_its_name_and_in_its_document(defect: Defect, shelf: Shelf, model: Model):
    found = found_after(defect, shelf, model)

    assert (defect.rule, defect.path) in {(one.rule, one.path) for one in found}, found
