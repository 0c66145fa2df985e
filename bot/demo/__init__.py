"""The demo: the real bot in the local workspace, with a fictional book."""
