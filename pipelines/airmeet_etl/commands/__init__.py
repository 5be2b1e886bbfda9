"""One file a command: its options to calls into the other rooms; for `cli` alone."""
