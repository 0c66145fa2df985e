"""Block Kit: pure functions from reports to blocks, in the reader's words."""
