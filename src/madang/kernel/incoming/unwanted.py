"""Why a file is not taken. Imports no Django."""

from madang.core.reasons import Reason


class Unwanted(Exception):
    """The file must not be kept. The reason's `name` (of the file) is added by who knows it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


def damaged() -> Unwanted:
    """It is broken, or was cut off on its way."""
    return Unwanted(Reason("file_damaged"))


def encrypted() -> Unwanted:
    """Nobody can read it without a password or a key that is not in it."""
    return Unwanted(Reason("file_encrypted"))


def macros() -> Unwanted:
    """It holds a program that an office suite would run."""
    return Unwanted(Reason("file_has_macros"))


def two_in_one() -> Unwanted:
    """It is one format to one program and another to the next."""
    return Unwanted(Reason("file_two_formats"))
