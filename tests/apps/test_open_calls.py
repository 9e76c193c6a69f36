"""The sample calls for trying the form are sound, and open, on whatever day the demo is loaded."""

import datetime as dt

import pytest

from madang.apps.calls.commands import sound, window
from madang.core.lifecycle import call_state
from madang.papers.library import open_calls


@pytest.mark.parametrize("day", [dt.date(2026, 12, 1), dt.date(2028, 2, 28), dt.date(2026, 12, 31)])
def test_sample_calls_are_sound_marked_and_open(day):
    calls = {name: sound(text) for name, text in open_calls(day).items()}
    assert len(calls) == 2
    for definition in calls.values():
        opens, closes = window(definition)
        at = dt.datetime.combine(day, dt.time(12), dt.UTC)
        assert call_state(published=True, decided=False, opens_at=opens, closes_at=closes, now=at) == "open"
        assert definition.sample is True
        assert definition.id.endswith("-sample")
