"""A decision as its readers see it: every number labelled, every reason in words, and nothing about how it is shown.

The HTML report, the workbook, the printed papers and the web page are made from the same view, so that they cannot
disagree.
"""

from madang.papers.decision.formats import plain
from madang.papers.decision.labels import Labels, Speaker, words
from madang.papers.decision.model import (
    ApplicationLine,
    Ballot,
    Board,
    Column,
    ConflictLine,
    Count,
    DecisionView,
    Kind,
    OpinionSummary,
    RuleUse,
    SheetLine,
    StatisticRow,
    StatisticTable,
    TaskLine,
)
from madang.papers.decision.viewer import view

__all__ = [
    "ApplicationLine",
    "Ballot",
    "Board",
    "Column",
    "ConflictLine",
    "Count",
    "DecisionView",
    "Kind",
    "Labels",
    "OpinionSummary",
    "RuleUse",
    "SheetLine",
    "Speaker",
    "StatisticRow",
    "StatisticTable",
    "TaskLine",
    "plain",
    "view",
    "words",
]
