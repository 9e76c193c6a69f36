"""What somebody may do for an organisation."""

from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _


class Duty(StrEnum):
    """Several can be held at once; none of them means: belongs to the organisation and reads what is shared there."""

    MANAGE = "manage"
    FILE = "file"
    FILL = "fill"
    CONTACT = "contact"


DUTY_NAMES: Final = {
    Duty.MANAGE: _("Manages the organisation's page and its people"),
    Duty.FILE: _("Files applications in its name"),
    Duty.FILL: _("Writes applications"),
    Duty.CONTACT: _("Is its contact"),
}
