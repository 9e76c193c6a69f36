"""The chapters of the printed report: each is a function of a `Teller` that yields blocks, and decides nothing."""
