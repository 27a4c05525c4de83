"""Every code that the source can answer with, read from the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from fairsplit.domain.eligibility import Reason
from fairsplit.domain.reading_models import WORDS
from tests.docs.markdown import ROOT

PLACE_OF_CODE = {  # which argument of these calls is a code
    "ConflictError": 0,
    "Fault": 1,
    "ForbiddenError": 0,
    "InvalidError": 0,
    "MalformedError": 0,
    "NotFoundError": 0,
    "Note": 0,
    "Rejection": 0,
    "StaleError": 0,
    "ThrottledError": 0,
    "TooLargeError": 0,
    "TooManyError": 0,
    "UnauthenticatedError": 0,
    "_conflict": 0,
    "_fault": 1,
    "at": 1,
    "invalid": 1,
    "problem": 1,
    "rejection": 1,
    "repeated": 2,
}
MADE_OF_NAMES = {  # codes that are put together, and what comes out
    "{field}_required": {"unit_id_required", "type_required"},
    "{field}_invalid": {"unit_id_invalid", "type_invalid", "event_id_invalid"},
    "{name}_invalid": {"tag_invalid", "fallback_unit_id_invalid"},
    "unknown_{name}": {
        *("unknown_status", "unknown_method", "unknown_cuped", "unknown_group_by", "unknown_correction"),
        *("unknown_what", "unknown_raw"),
        *("unknown_metric", "unknown_variant", "unknown_event_type", "unknown_dimension"),
    },
}
PASSED_ON = {  # codes that come from elsewhere: from another call that is found, from WORDS, or from Reason
    *("code", "error.code", "rejection.code", "rejections[0].code", "shown[0].code", "THROTTLED.code"),
    *("Reason.OVERRIDE", "choice.reason"),
    *("INVALID_CONTEXT", "TARGETING_KEY_MISSING"),  # OFREP's own, which test_api_codes looks for
}
WITHOUT_WORDS = {"invalid_value"}  # what reading_models calls a fault that WORDS has not
NEVER_ANSWERED = {"row_contended"}  # rollup's own, which no client calls


@dataclass
class Found:
    """Codes that stand there as text, those that are put together, and expressions that pass one on."""

    plain: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)
    passed_on: set[str] = field(default_factory=set)

    def add(self, code: ast.expr) -> None:
        if isinstance(code, ast.Constant):
            self.plain.add(str(code.value))
        elif isinstance(code, ast.JoinedStr):
            self.made.add(ast.unparse(code)[2:-1])
        else:
            self.passed_on.add(ast.unparse(code))


def found_in_source() -> Found:
    """What all calls in functions and layer have in a code's place."""
    found = Found()
    for path in [*ROOT.glob("functions/*/*.py"), *ROOT.glob("layers/common/fairsplit/**/*.py")]:
        for code in _codes_of(ast.parse(path.read_text())):
            found.add(code)
    return found


def answered(found: Found) -> set[str]:
    """All codes of problems, rejections, reasons and notes."""
    made = set().union(*MADE_OF_NAMES.values())
    words = {code for code, _ in WORDS.values()}
    return (found.plain | made | words | WITHOUT_WORDS | {str(one) for one in Reason}) - NEVER_ANSWERED


def _codes_of(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            place = PLACE_OF_CODE.get(_name(node.func))
            if place is not None and place < len(node.args):
                yield node.args[place]


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
