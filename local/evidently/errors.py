"""What cannot be taken over.

EvidentlyError
├── ExportError     the file is no export
└── RefusedError    something in it has no equivalent here
    └── SkippedError    nor does it need one
"""

from __future__ import annotations


class EvidentlyError(Exception):
    """An export, or something in it, that nothing can be made of."""


class ExportError(EvidentlyError):
    """The file is no export."""


class RefusedError(EvidentlyError):
    """Something in it has no equivalent here."""


class SkippedError(RefusedError):
    """Nor does it need one: there is nothing left to do for it."""
