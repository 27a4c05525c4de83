"""The pages that users read, and what stands in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Page:
    """One page of Markdown."""

    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def prose(self) -> str:
        """The text without its blocks of code."""
        return FENCED.sub("", self.text)

    def blocks(self, *languages: str) -> list[str]:
        """The blocks of code in these languages, in their order."""
        return [text for language, text in FENCED.findall(self.text) if language in languages]

    def words(self) -> list[str]:
        """What stands in backticks in the prose."""
        return INLINE.findall(self.prose)

    def links(self) -> list[str]:
        """The targets of all links."""
        return LINK.findall(self.prose)

    def anchors(self) -> set[str]:
        """What a link can name behind #."""
        return {_anchor(heading) for heading in HEADING.findall(self.prose)}

    def section(self, heading: str) -> str:
        """The text below a heading, up to the next one of any level."""
        return re.split(r"^#", self.text.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


README = Page(ROOT / "README.md")
API = Page(ROOT / "docs/api.md")
STATISTICS = Page(ROOT / "docs/statistics.md")
CLIENTS = Page(ROOT / "docs/clients.md")
EVIDENTLY = Page(ROOT / "docs/migrating-from-evidently.md")
OPERATIONS = Page(ROOT / "docs/operations.md")
PAGES = [Page(path) for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])]
