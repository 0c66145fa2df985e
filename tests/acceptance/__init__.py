"""The whole product on its demo: Slack, terminal and store say the same."""
