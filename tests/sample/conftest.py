"""One sample for all tests of this folder; they only read it."""

from pathlib import Path

import pytest

from iimm_pipelines.sample.make import make_sample


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a freshly made sample."""
    folder = tmp_path_factory.mktemp("sample")
    make_sample(folder)
    return folder
