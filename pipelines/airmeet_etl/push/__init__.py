"""Rows of files and queries written to Airmeet; for the commands."""
