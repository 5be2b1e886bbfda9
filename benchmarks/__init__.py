"""How fast is a load? Compared with a floor, and with a pipeline from dlt's `rest_api` source.

`python -m benchmarks` serves one community from the simulator in a process of its own, and measures
whole processes that load it, imports included. The speed of a machine changes over time: compare
only within one table, whose contestants take turns.
"""
