"""Collects what is wrong with terms: numbers without an origin, wrong units, unknown words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.domain.errors import Fault
from app.domain.figures import Figure, Selector, Sourced, Table, Unit
from app.domain.money import BP
from app.domain.terms import Terms
from app.domain.words import Cause, Level

_CODE = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


@dataclass(slots=True)
class Findings:
    """Collects faults while the checks walk through the terms."""

    terms: Terms
    faults: list[Fault] = field(default_factory=list)

    def add(self, pointer: str, message_zh: str, message_en: str) -> None:
        self.faults.append(Fault(pointer, "terms.invalid", message_zh, message_en))

    def unique(self, pointer: str, words: Iterable[str]) -> None:
        """Refuse repeated codes, and those that are not plain (counters join codes by a dot)."""
        seen: set[str] = set()
        for i, word in enumerate(words):
            if word in seen or _CODE.fullmatch(word) is None:
                self.add(
                    f"{pointer}/{i}",
                    "编码重复，或不是小写字母、数字和下划线。",
                    "Repeated or not a plain code.",
                )
            seen.add(word)

    def number(self, pointer: str, number: Sourced, unit: Unit) -> None:
        """Refuse a wrong unit, a negative number, and one without exactly one origin."""
        if number.unit is not unit:
            self.add(pointer, f"单位应为 {unit}。", f"The unit must be {unit}.")
        if number.value < 0 or (unit is Unit.BP and number.value > BP):
            self.add(pointer, "数值超出范围。", "Out of range.")
        if bool(number.clause.strip()) == bool(number.unconfirmed.strip()):
            self.add(
                pointer,
                "每个数字须注明条款（clause），或注明未经证实的原因（unconfirmed），二者居一。",
                "A number needs either its clause or why it is unconfirmed.",
            )

    def figure(self, pointer: str, figure: Figure, unit: Unit, *, by_level: bool = False) -> None:
        """Check a number or a table; a look-up by level makes sense only where one is at hand."""
        if isinstance(figure, Sourced):
            self.number(pointer, figure, unit)
            return
        if not figure.rows:
            self.add(f"{pointer}/rows", "表不能为空。", "A table needs rows.")
        if figure.by is Selector.LEVEL and not by_level:
            self.add(
                f"{pointer}/by", "此处没有机构级别可查。", "There is no level to look up here."
            )
        if (figure.by is Selector.EXTRA) != bool(figure.field):
            self.add(f"{pointer}/field", "field 只用于 by: extra。", "field goes with by: extra.")
        known = self._known(figure)
        for key, number in figure.rows.items():
            if known is not None and key not in known:
                self.add(f"{pointer}/rows/{key}", "没有这个词。", "Unknown word.")
            self.number(f"{pointer}/rows/{key}", number, unit)
        if figure.otherwise is not None:
            self.number(f"{pointer}/otherwise", figure.otherwise, unit)

    def _known(self, table: Table) -> frozenset[str] | None:
        match table.by:
            case Selector.CATEGORY:
                return frozenset(self.terms.categories)
            case Selector.CAUSE:
                return frozenset(Cause)
            case Selector.LEVEL:
                return frozenset(Level)
            case Selector.EXTRA:
                return None
