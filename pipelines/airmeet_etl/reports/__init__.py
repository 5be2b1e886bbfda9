"""The SQL of `transforms/` compiled, run and published; for the commands and the dashboard."""
