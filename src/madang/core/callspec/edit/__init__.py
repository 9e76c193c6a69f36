"""A call definition seen as something that is edited part by part: what stands where (`shape`), the text with one part
changed and the rest as it was (`document`), what the parts are called in an address (`place`), new parts (`blank`),
last year's call as a proposal for this year (`clone`), and what changed between two texts (`changes`).

All of it is derived from the model (`madang.core.callspec.model`): a key added there is reachable by forms at once.
"""
