"""What is there and why, read only; for the commands."""
