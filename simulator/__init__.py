"""A simulated Airmeet: sections 1 and 2 of the public API, served on loopback from a seed.

Nothing is re-exported, so that the command line can import `simulator.command` at no cost:

- `simulator.simulator.Simulator`: the world, its log, its truth and every change to it
- `simulator.server.running`, `serve`: HTTP around it
- `simulator.airmeets.Plan`, `simulator.knobs.Knobs`, `simulator.faults.Faults`: declarations
"""
