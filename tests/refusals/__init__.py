import pytest

# What the bench checks is shown as a test would show it.
pytest.register_assert_rewrite("tests.refusals.bench")
