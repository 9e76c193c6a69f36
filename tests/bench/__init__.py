"""`make bench`: what deciding, verifying and solving cost, as ratios within one run. Asserts nothing about time."""
