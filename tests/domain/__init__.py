"""The rules, tested with values written by hand."""
