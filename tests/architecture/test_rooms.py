"""The house keeps its plan: rooms, directions, names, and a rule book without a world."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
PACKAGES = sorted(path.parent for path in APP.rglob("__init__.py"))
BANNED = re.compile(r"utils?|helpers?|commons?|base|managers?|processors?|datas?|infos?|handle_.*")
# Standard modules through which the world would enter a pure rule.
WORLDLY = {"os", "io", "time", "random", "secrets", "socket", "pathlib", "subprocess", "logging"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("package", PACKAGES, ids=name_of)
def test_every_room_says_in_one_line_what_it_is(package: Path) -> None:
    said = ast.get_docstring(ast.parse((package / "__init__.py").read_text()))
    assert said
    assert len(said.splitlines()[0]) <= 100


@pytest.mark.parametrize("package", PACKAGES, ids=name_of)
def test_no_room_is_empty(package: Path) -> None:
    files = [path for path in package.iterdir() if path.suffix == ".py"]
    code = ast.parse((package / "__init__.py").read_text()).body[1:]
    assert len(files) > 1 or code or any(path.is_dir() for path in package.glob("[!_]*"))


def test_no_file_has_a_name_that_means_nothing() -> None:
    found = [name_of(path) for path in APP.rglob("*") if BANNED.fullmatch(path.stem)]
    assert found == []


def test_the_rooms_import_in_one_direction() -> None:
    # In a process of its own: the linter switches every logger off that it finds.
    linting = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    done = subprocess.run(
        [sys.executable, "-c", linting], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout.decode()


@pytest.mark.parametrize("file", sorted((APP / "domain").rglob("*.py")), ids=name_of)
def test_the_rule_book_needs_only_the_standard_library_and_no_world(file: Path) -> None:
    tree = ast.parse(file.read_text())
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import)
             for alias in node.names}  # fmt: skip
    named |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    roots = {name.partition(".")[0] for name in named if not name.startswith("app.domain")}
    assert roots - sys.stdlib_module_names == set()
    assert roots & WORLDLY == set()


@pytest.mark.parametrize("file", sorted((APP / "domain").rglob("*.py")), ids=name_of)
def test_the_rule_book_has_no_clock(file: Path) -> None:
    tree = ast.parse(file.read_text())
    asked = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert asked & {"now", "utcnow", "today"} == set()
