"""What the pages name is there: links, commands, files."""

from __future__ import annotations

import re

import pytest

from tests.docs.markdown import PAGES, ROOT, Page

BASES = (ROOT, ROOT / "layers/common/fairsplit")  # pages name modules of the package by their place in it
MADE_LATER = (".venv/", ".tools/", ".aws-sam/", ".fairsplit")  # by make
FOLDERS = {path.name for base in BASES for path in base.iterdir() if path.is_dir()}
PATH = re.compile(r"[\w.-]+(/[\w.<>-]+)+/?|[\w-]+\.(py|md|yaml|toml|json|lock)")
PLACEHOLDER = re.compile(r"<\w+>")
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
LAYOUT = re.compile(r"^(\S+/\S*|\S+\.\w+) {2,}\S", re.MULTILINE)  # a line of the README's tree


def paths_in(page: Page) -> list[str]:
    """What looks like a path of this repository."""
    words = [word for word in page.words() if PATH.fullmatch(word) and not word.startswith(MADE_LATER)]
    named = [word for word in words if "/" not in word or word.split("/")[0] in FOLDERS]
    tree = [path for block in page.blocks("") for path in LAYOUT.findall(block)]
    return named + tree


def is_there(path: str) -> bool:
    """Whether a file or folder has that path; a placeholder stands for one at least, a bare name for one anywhere."""
    pattern = PLACEHOLDER.sub("*", path.rstrip("/"))
    bases = BASES if "/" in path else (ROOT, ROOT / "functions", ROOT / "layers")
    patterns = [pattern] if "/" in path else [pattern, f"*/{pattern}", f"*/*/*/{pattern}"]
    return any(next(base.glob(one), None) for base in bases for one in patterns)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_within_the_repository_leads_somewhere(page: Page) -> None:
    for link in page.links():
        if not link.startswith("https://"):
            path, _, anchor = link.partition("#")
            target = Page((page.path.parent / path).resolve() if path else page.path)
            assert target.path.exists(), link
            assert not anchor or anchor in target.anchors(), link


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_command_of_make_exists(page: Page) -> None:
    texts = [*page.words(), *page.blocks("sh")]
    named = {target for text in texts for target in re.findall(r"(?<!install )\bmake ([a-z-]+)", text)}
    assert named <= TARGETS


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_path_exists(page: Page) -> None:
    assert [path for path in paths_in(page) if not is_there(path)] == []


def test_paths_are_found_at_all() -> None:
    found = {path for page in PAGES for path in paths_in(page)}
    assert {"functions/rollup/", "layers/common/fairsplit/domain/", "template.yaml", "domain/folding.py"} <= found


def test_every_page_of_docs_is_linked_from_the_readme_or_the_list_of_decisions() -> None:
    linked = {(page.path.parent / link.partition("#")[0]).resolve() for page in PAGES for link in page.links()}
    assert [str(page) for page in PAGES if page.path.name != "README.md" and page.path not in linked] == []
