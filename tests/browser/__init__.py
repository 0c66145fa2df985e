"""What a newcomer and an advisor do in the local workspace's page, in a real browser."""
