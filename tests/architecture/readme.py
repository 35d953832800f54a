"""The parts of the README that are made from code. `make readme` writes them, a test compares."""

import ast
import re
import sys
from collections.abc import Callable
from pathlib import Path

from app.domain.lifecycle import CLAIM_MOVES, STATUS_ZH, ClaimStatus
from app.settings import PREFIX, Settings
from tests.architecture import chart

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
BLOCK = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def rooms() -> str:
    """One line per room: its folder or file in `app/`, and the first line of its docstring."""
    files = [*(ROOT / "app").glob("*/__init__.py"), *(ROOT / "app").glob("[a-z]*.py")]
    lines = {}
    for file in files:
        name = f"{file.parent.name}/" if file.name == "__init__.py" else file.name
        lines[name] = (ast.get_docstring(ast.parse(file.read_text())) or "").splitlines()[0]
    order = sorted(lines, key=lambda name: (not name.endswith("/"), name))
    return "\n".join(["```", *(f"app/{name:14}{lines[name]}" for name in order), "```"])


def configuration() -> str:
    """One row per setting."""
    rows = ["| 变量 variable | 默认 default | 说明 meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        shown = "" if field.default_factory or field.default is None else f"`{field.default}`"
        said = (field.description or "").replace("|", "\\|")
        rows.append(f"| `{PREFIX}{name.upper()}` | {shown} | {said} |")
    return "\n".join(rows)


def way_of_a_claim() -> str:
    """The claim's table of transitions as a diagram; moves between the same two share an arrow."""
    arrows: dict[tuple[ClaimStatus, ClaimStatus], list[str]] = {}
    for (before, move), after in CLAIM_MOVES.items():
        arrows.setdefault((before, after), []).append(move.value)
    starts = [f"    {status.value}: {STATUS_ZH[status]} {status.value}" for status in ClaimStatus]
    return "\n".join(
        [
            "```mermaid",
            "stateDiagram-v2",
            *starts,
            f"    [*] --> {ClaimStatus.SUBMITTED.value}",
            *(f"    {a.value} --> {b.value}: {', '.join(m)}" for (a, b), m in arrows.items()),
            "```",
        ]
    )


BLOCKS: dict[str, Callable[[], str]] = {
    "rooms": rooms,
    "configuration": configuration,
    "way_of_a_claim": way_of_a_claim,
}


def renewed(text: str) -> str:
    """The README's text with every made part made again."""
    return BLOCK.sub(lambda found: f"{found[1]}{BLOCKS[found[2]]()}\n{found[3]}", text)


def main() -> int:
    """Write the README and the chart's made parts anew."""
    README.write_text(renewed(README.read_text()))
    chart.renew()
    return 0


if __name__ == "__main__":
    sys.exit(main())
