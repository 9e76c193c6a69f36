"""The form of a call while it is filled in: what is asked now, what stands there, what is still missing.

`review(definition, entered)` is the one question; the answer is everything a screen, a paper or a press needs.
"""
