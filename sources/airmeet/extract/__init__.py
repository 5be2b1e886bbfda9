"""From due feeds to finished results; for the source and the command that runs it."""
