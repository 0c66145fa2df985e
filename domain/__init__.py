"""Decides it: pure rules in the field's own words; knows neither Slack nor SQL nor the clock."""
