"""Who reads what: a folder's evaluators matched to its applications by fit, without conflicts of interest.

`roster` holds the people, `problems` makes the core's problems, `matching` solves and checks them, `overview` tells the
officer. Nothing here loads a solver before `matching.match` is called.
"""
