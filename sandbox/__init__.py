"""Plays Slack: a local workspace for the demo and the tests; knows nothing of the bot."""
