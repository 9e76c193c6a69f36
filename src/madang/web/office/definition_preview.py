"""A definition as applicants will see it, in one language. Read only: nothing here can be sent."""

from typing import Any

from madang.core.callspec import Definition
from madang.core.callspec.asked import ChoiceField, FormField, MoneyField, RowsField, TextField
from madang.papers import classifications
from madang.papers.describe import describe
from madang.papers.wording import Wording
from madang.web.public.call_sections import sections

Context = dict[str, Any]
MOST_OPTIONS = 60
"""Options of a choice that a preview shows; the form itself has all."""


def preview_call(definition: Definition, language: str) -> Context:
    """The public page's words: title, summary, badges, and every section as `calls/_section.html` draws it."""
    outline = describe(definition, language)
    return {
        "title": outline.title,
        "summary": outline.summary,
        "badges": [{"text": text} for text in outline.badges],
        "sections": sections(outline),
    }


def preview_form(definition: Definition, language: str) -> list[Context]:
    """The form's sections, each with its fields: label, help, what kind of field, and its options or cells."""
    wording = Wording(language)
    return [
        {
            "id": section.section,
            "title": wording.of(section.title),
            "fields": [_field(definition, field, wording) for field in section.fields],
        }
        for section in definition.form
    ]


def _field(definition: Definition, field: Any, wording: Wording) -> Context:
    unit = ""
    if isinstance(field, MoneyField):
        unit = wording.label(f"unit.{field.unit}")
    elif getattr(field, "unit", None):
        unit = wording.of(field.unit)
    limits = [
        wording.label(key, n=n)
        for key, n in (
            ("limit.characters", getattr(field, "max_characters", None)),
            ("limit.words", getattr(field, "max_words", None)),
            ("limit.megabytes", getattr(field, "max_mb", None)),
        )
        if n
    ]
    return {
        "id": field.id,
        "label": wording.of(field.label),
        "help": wording.of(field.help),
        "type": field.type,
        "wide": isinstance(field, TextField) and field.type == "long_text",
        "required": field.required is True,
        "rule": field.required if isinstance(field.required, str) else "",
        "when": field.when or "",
        "unit": unit,
        "limits": wording.listed(limits),
        "many": isinstance(field, ChoiceField) and field.many,
        "options": _options(definition, field, wording),
        "cells": [_field(definition, cell, wording) for cell in field.fields] if isinstance(field, RowsField) else [],
    }


def _options(definition: Definition, field: FormField, wording: Wording) -> list[str]:
    if field.type == "yes_no":
        return [wording.label("yes"), wording.label("no")]
    if not isinstance(field, ChoiceField):
        return []
    if field.options:
        return [wording.of(option.label) for option in field.options][:MOST_OPTIONS]
    name = definition.classifications.get(field.set or "", field.set or "")
    if name not in classifications.names():
        return []
    chosen = classifications.load(name)
    return [classifications.label(name, one, wording.language) for one in list(chosen.ids)[:MOST_OPTIONS]]
