"""Load, let the domain decide, save: what the assistant can do, for Slack and terminal alike."""
