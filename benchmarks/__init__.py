"""Our figures beside a named peer or floor, in one run: ``python -m benchmarks [NAME …]``."""
