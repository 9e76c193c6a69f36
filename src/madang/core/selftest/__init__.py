"""Is this call for us? What the rules say of a few answers, and what would have to be different. Decides nothing."""

from madang.core.selftest.model import Change, Finding, Given, Question
from madang.core.selftest.questions import questions_of
from madang.core.selftest.solve import findings_of

__all__ = ["Change", "Finding", "Given", "Question", "findings_of", "questions_of"]
