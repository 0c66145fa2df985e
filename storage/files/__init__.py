"""Reads client files: bytes in, typed columns and findings out; knows neither store nor Slack."""
