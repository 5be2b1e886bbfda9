"""How fast is a load? Against the bare floor, and against what one would write instead.

`python -m benchmarks` serves one community from the simulator in a process of its own and measures
whole processes, imports included, that load it. Machines drift: only ratios within one table mean
anything, so the contestants of a table take turns.
"""
