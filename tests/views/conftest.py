"""Snapshots as one JSON file a case, which Slack's Block Kit Builder takes as it is."""

import pytest
from hypothesis import settings
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bot.words import Words
from tests.views.examples import ENGLISH, GERMAN

# A pause of a shared machine is no failure of a view.
settings.register_profile("views", deadline=None)
settings.load_profile("views")


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compare with a JSON file; `make snapshots` rewrites it."""
    return snapshot.use_extension(JSONSnapshotExtension)


@pytest.fixture(params=[GERMAN, ENGLISH], ids=["de", "en"])
def words(request: pytest.FixtureRequest) -> Words:
    """Give the words of a German and of an English reader."""
    given: Words = request.param
    return given
