"""Fields of forms, with what KRDS and screen readers need."""

from django import template
from django.forms import BoundField, CheckboxInput, Select
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def control(field: BoundField, hint: str = "") -> SafeString:
    """The input of a field: its class, and what describes it (hint and errors, in the order in which they stand)."""
    widget = field.field.widget
    attrs = {"class": "m-check-box"}
    if not isinstance(widget, CheckboxInput):
        attrs["class"] = "krds-form-select completed" if isinstance(widget, Select) else "krds-input"
    if field.errors:
        attrs |= {"class": f"{attrs['class']} is-error", "aria-invalid": "true"}
    described = [f"{field.id_for_label}-hint"] if hint else []
    described += [f"{field.id_for_label}-error"] if field.errors else []
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attrs)
