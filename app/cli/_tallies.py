"""How a replayed year is told: as text, as JSON and as a table for a spreadsheet."""

from collections.abc import Iterator, Mapping

from app.domain.money import yuan, yuan_zh
from app.domain.replay import Tally
from app.domain.terms import Terms


def label(terms: Terms) -> str:
    """Name an alternative."""
    return f"{terms.name_zh}（{terms.scheme_code} {terms.version}）"


def tally_json(terms: Terms, tally: Tally) -> dict[str, object]:
    """Give a tally; amounts in yuan, areas as 12 digits."""
    names = {cover.code: cover.name_zh for cover in terms.covers}
    return {
        "scheme": terms.scheme_code,
        "version": terms.version,
        "name_zh": terms.name_zh,
        "claims": tally.claims,
        "claims_paid": tally.paid,
        "amount": yuan(tally.fen),
        "left_with_families": yuan(tally.left_fen),
        "claims_better": tally.better,
        "claims_worse": tally.worse,
        "families": tally.families,
        "families_better": tally.families_better,
        "families_worse": tally.families_worse,
        "by_cover": [
            {"code": code, "name_zh": names[code], "amount": yuan(fen)}
            for code, fen in sorted(tally.by_cover.items())
        ],
        "by_township": [
            {"area_code": f"{area:012d}", "amount": yuan(fen)}
            for area, fen in sorted(tally.by_area.items())
        ],
        "by_month": [
            {"month": month, "amount": yuan(fen)} for month, fen in sorted(tally.by_month.items())
        ],
        "largest_differences": [
            {
                "claim_no": one.claim_no,
                "was": yuan(one.was_fen),
                "now": yuan(one.now_fen),
                "difference": yuan(one.now_fen - one.was_fen),
            }
            for one in tally.largest
        ],
    }


def compared_text(terms: tuple[Terms, Terms], was: Tally, now: Tally) -> Iterator[str]:
    """Say what other terms would have meant for the year, in Chinese."""
    yield f"现行 {label(terms[0])}"
    yield f"改为 {label(terms[1])}"
    yield f"赔案 {was.claims} 件：{_moved_zh(was.fen, now.fen)}"
    yield f"增加 {now.better} 件，减少 {now.worse} 件；"
    yield (
        f"受益增加的家庭 {now.families_better} 户，减少的 {now.families_worse} 户，"
        f"共 {now.families} 户"
    )
    yield f"家庭自付：{_moved_zh(was.left_fen, now.left_fen)}"
    names = {cover.code: cover.name_zh for each in terms for cover in each.covers}
    yield from _parts_zh("按责任", names, was.by_cover, now.by_cover)
    yield from _parts_zh("按乡镇", {}, _areas(was), _areas(now))
    yield from _parts_zh("按月", {}, was.by_month, now.by_month)
    if now.largest:
        yield "变化最大的赔案："
    for one in now.largest[:20]:
        yield f"  {one.claim_no}：{_moved_zh(one.was_fen, one.now_fen)}"


def _areas(tally: Tally) -> dict[str, int]:
    return {f"{area:012d}": fen for area, fen in tally.by_area.items()}


def _parts_zh(
    title: str, names: Mapping[str, str], was: Mapping[str, int], now: Mapping[str, int]
) -> Iterator[str]:
    yield f"{title}："
    for key in sorted({*was, *now}):
        yield f"  {names.get(key, key)}：{_moved_zh(was.get(key, 0), now.get(key, 0))}"


def _moved_zh(was: int, now: int) -> str:
    sign = "+" if now >= was else ""
    return f"{yuan_zh(was)} → {yuan_zh(now)}（{sign}{yuan_zh(now - was)}）"
