"""Files from outside: what they are, what is in them, and whether they may be kept. `take` is the one door.

Nothing here unpacks to the disk, runs anything or believes a name. Each look is bounded in time and memory, and refuses
with a `Reason` that says what to do. What is looked for and what is not: ADR 26.
"""
