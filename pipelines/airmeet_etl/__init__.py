"""The `airmeet` command: runs over the source, and the reports."""
