"""The destination: opened, locked, merged into, recovered; for all other rooms."""
