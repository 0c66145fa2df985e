"""Digests: what is due when, who offers it, and how it is said once."""
