"""Collects what is wrong with terms: numbers without an origin, wrong units, unknown words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.domain.errors import Fault
from app.domain.figures import (
    BandBy,
    Bands,
    Dated,
    Figure,
    OfStandard,
    Selector,
    Sourced,
    Table,
    Unit,
)
from app.domain.money import BP
from app.domain.terms import Terms
from app.domain.words import FIELD_ZH, Cause, EventKind, Level

_CODE = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_PLACE = re.compile(r"[0-9]{2,12}", re.ASCII)
AT_HAND = frozenset({Selector.LEVEL, Selector.PAID, Selector.GRADE})
DERIVED_PARTS = frozenset({"self_borne", "left", "total"})
_WORDS: dict[Selector, frozenset[str]] = {
    Selector.EVENT: frozenset(EventKind),
    Selector.CAUSE: frozenset(Cause),
    Selector.LEVEL: frozenset(Level),
    Selector.PAID: frozenset({"yes", "no"}),
}
BY_FIELD = frozenset({Selector.EXTRA, Selector.PAID})


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

    def number(
        self, pointer: str, number: Sourced, *units: Unit, above_whole: bool = False
    ) -> None:
        """Refuse a wrong unit, a negative number, and one without exactly one origin.

        A share above the whole is refused unless `above_whole` (a multiple) allows it.
        """
        if number.unit not in units:
            allowed = ", ".join(units)
            self.add(pointer, f"单位应为 {allowed}。", f"The unit must be {allowed}.")
        share = number.unit is Unit.BP and not above_whole
        if number.value < 0 or (share and number.value > BP):
            self.add(pointer, "数值超出范围。", "Out of range.")
        if bool(number.clause.strip()) == bool(number.unconfirmed.strip()):
            self.add(
                pointer,
                "每个数字须注明条款（clause），或注明未经证实的原因（unconfirmed），二者居一。",
                "A number needs either its clause or why it is unconfirmed.",
            )

    def figure(
        self, pointer: str, figure: Figure, unit: Unit, *, at: frozenset[Selector] = frozenset()
    ) -> None:
        """Check a number, a table, bands or a multiple of a standard, whatever is nested in it.

        `at` are the selectors that have a bill, stay or loss at hand to look at here.
        """
        match figure:
            case Sourced():
                self.number(pointer, figure, unit)
            case Table():
                self._table(pointer, figure, unit, at)
            case Bands():
                self._bands(pointer, figure, unit, at)
            case OfStandard():
                self._multiple(pointer, figure, unit)
            case Dated():
                self._dated(pointer, figure, unit, at)

    def _table(self, pointer: str, table: Table, unit: Unit, at: frozenset[Selector]) -> None:
        if not table.rows:
            self.add(f"{pointer}/rows", "表不能为空。", "A table needs rows.")
        if table.by in AT_HAND - at:
            self.add(
                f"{pointer}/by", f"此处没有 {table.by} 可查。", f"There is no {table.by} here."
            )
        if (table.by in BY_FIELD) != bool(table.field):
            self.add(
                f"{pointer}/field",
                "field 只用于 by: extra 和 by: paid。",
                "field goes with by: extra and by: paid.",
            )
        for key, figure in table.rows.items():
            if not self._known(table, key):
                known = "、".join(self._words(table.by))
                self.add(
                    f"{pointer}/rows/{key}",
                    f"没有这个词。可写：{known}。" if known else "没有这个词。",
                    "Unknown word.",
                )
            self.figure(f"{pointer}/rows/{key}", figure, unit, at=at)
        if table.otherwise is not None:
            self.figure(f"{pointer}/otherwise", table.otherwise, unit, at=at)

    def _bands(self, pointer: str, bands: Bands, unit: Unit, at: frozenset[Selector]) -> None:
        if not bands.bands:
            self.add(f"{pointer}/bands", "至少要有一段。", "At least one band is needed.")
        if (bands.by is BandBy.EXTRA) != bool(bands.field):
            self.add(f"{pointer}/field", "field 只用于 by: extra。", "field goes with by: extra.")
        end: int | None = -1
        for i, band in enumerate(bands.bands):
            here = f"{pointer}/bands/{i}"
            self.number(f"{here}/least", band.least, Unit.COUNT)
            if band.most is not None:
                self.number(f"{here}/most", band.most, Unit.COUNT)
            if end is None or band.least.value <= end:
                self.add(f"{here}/least", "各段须由小到大，不重叠。", "Bands overlap or go back.")
            if band.most is not None and band.most.value < band.least.value:
                self.add(f"{here}/most", "上限小于下限。", "The upper bound is below the lower.")
            end = None if band.most is None else band.most.value
            self.figure(f"{here}/value", band.value, unit, at=at)
        if bands.otherwise is not None:
            self.figure(f"{pointer}/otherwise", bands.otherwise, unit, at=at)

    def _dated(self, pointer: str, dated: Dated, unit: Unit, at: frozenset[Selector]) -> None:
        days = [row.from_on for row in dated.rows]
        if not days or days != sorted(set(days)):
            self.add(f"{pointer}/rows", "各行须由早到晚，不重复。", "Rows go from old to new.")
        for i, row in enumerate(dated.rows):
            self.figure(f"{pointer}/rows/{i}/value", row.value, unit, at=at)
        if dated.before is not None:
            self.figure(f"{pointer}/before", dated.before, unit, at=at)

    def _multiple(self, pointer: str, figure: OfStandard, unit: Unit) -> None:
        if unit is not Unit.FEN:
            self.add(pointer, "标准的倍数是金额。", "A multiple of a standard is money.")
        self.unique(f"{pointer}/standard", [figure.standard])
        self.number(f"{pointer}/times", figure.times, Unit.COUNT, Unit.BP, above_whole=True)

    def _known(self, table: Table, key: str) -> bool:
        if table.by is Selector.PLACE:
            return _PLACE.fullmatch(key) is not None
        words = self._words(table.by)
        return not words or key in words

    def _words(self, by: Selector) -> tuple[str, ...]:
        """Give the words that rows may bear; none where they are the terms' own."""
        if by is Selector.CATEGORY:
            return tuple(self.terms.categories)
        return tuple(sorted(_WORDS.get(by, ())))

    def part(self, pointer: str, field_name: str) -> None:
        """Refuse a part of a bill that no settlement knows."""
        if field_name not in FIELD_ZH and field_name not in DERIVED_PARTS:
            told = (
                "可写 self_borne、left、total，或全国结算单字段如 psn_part_amt、fulamt_ownpay_amt"
            )
            self.add(pointer, f"没有这个费用分项。{told}。", "Unknown part of a bill.")
