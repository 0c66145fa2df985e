"""Processes are killed and Slack fails, and every message is said once."""

from tests.chaos.office import MIXTURE, kill_at_random, office

SEED = 20261123


def test_killed_four_times_with_a_failing_slack_every_message_is_said_once(
    sqlite_address: str,
) -> None:
    with office(sqlite_address, people=60) as chaos:
        chaos.sandbox.faults.at_random(MIXTURE, share=0.1, seed=SEED)
        kill_at_random(chaos, kills=4, processes=1, every_s=2, seed=SEED)
        chaos.finish(patience_s=120)
        assert chaos.tally() == (0, 0), f"seed {SEED}: lost, doubled"
