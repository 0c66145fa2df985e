"""Whatever is sent, the bot answers with words or with nothing, and goes on."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.door.fuzzing import Bot, Payloads, as_request, failures_of, hear, open_bot

AT_ONCE = 25
Opened = tuple[Bot, Payloads]


@pytest.fixture(scope="module")
def opened(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Run the bot for the tests of this file."""
    path = tmp_path_factory.mktemp("fuzz") / "store.db"
    shutil.copy(sqlite_template, path)
    with open_bot(path) as bot:
        yield bot


def bear(opened: Opened, seed: int) -> None:
    """Send as many payloads as one seed draws; none may lead to what nobody foresaw."""
    (bot, payloads), random = opened, Random(seed)
    with hear() as said:
        for _ in range(AT_ONCE):
            payload = payloads.draw(random)
            if random.random() < 0.5:
                status = bot.by_http(*as_request(payload, random))
            else:
                status = bot.by_socket(payload)
            assert status in (200, 400), payload
        bot.rest()
    assert failures_of(said) == set()


@given(seed=st.integers(0, 2**64))
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_five_thousand_payloads_that_nobody_sends_are_borne(opened: Opened, seed: int) -> None:
    bear(opened, seed)


@pytest.mark.soak
@given(seed=st.integers(0, 2**64))
@settings(
    max_examples=4000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_hundred_thousand_are(opened: Opened, seed: int) -> None:
    bear(opened, seed)
