"""Two hundred short stories of a firm in which everything moves."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.access.moving import Moving
from tests.access.office import Office

pytestmark = pytest.mark.xdist_group("access moving")


def run(office: Office, stories: int, steps: int) -> None:
    Moving.office = office
    run_state_machine_as_test(
        Moving,
        settings=settings(
            max_examples=stories,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_nobody_ever_reads_of_a_client_who_is_not_theirs_just_then(running: Office) -> None:
    run(running, 200, 7)


@pytest.mark.soak
def test_nobody_ever_does_in_two_thousand_longer_stories(running: Office) -> None:
    run(running, 2_000, 25)
