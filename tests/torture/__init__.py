"""Faults on purpose: real processes are killed, cut off and delayed while real presses come in. `docs/faults.md`."""
