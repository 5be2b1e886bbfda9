"""Requests and what their answers mean; for `extract` and `write`."""
