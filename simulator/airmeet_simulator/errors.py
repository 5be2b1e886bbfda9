"""What the simulator raises to whoever drives it."""


class SimulatorError(Exception):
    """One line that says what went wrong and how to mend it."""
