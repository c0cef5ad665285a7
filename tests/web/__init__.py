import pytest

# Its assertions are those of tests, though its name is not.
pytest.register_assert_rewrite("tests.web.conformance")
