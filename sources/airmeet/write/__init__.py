"""Rows to writes at Airmeet; for the destination and `airmeet push`."""
