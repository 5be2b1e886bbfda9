"""A simulated Airmeet: sections 1 and 2 of the public API, served on loopback from a seed.

Nothing is re-exported, so that the command line can import `airmeet_simulator.command` at no cost:

- `simulator.Simulator`: the world, its log, its truth and every change to it
- `server.running`, `serve`: HTTP around it
- `airmeets.Plan`, `options.SimulatorOptions`, `faults.Faults`: declarations
"""
