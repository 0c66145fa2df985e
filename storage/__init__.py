"""Keeps it: tables, repositories, search, import and export of files."""
