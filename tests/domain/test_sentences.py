import pytest

from app.domain.assessment import Line, ReasonCode, Rule
from app.domain.sentences import percent_zh, reason_zh, sentence_zh


def test_a_ratio_reads_as_a_clerk_would_write_it() -> None:
    line = Line(
        "inpatient",
        Rule.RATIO,
        "b1",
        "住院自负",
        (("base_fen", 800_000),),
        (("rate_bp", 2_000),),
        160_000,
        160_000,
        "第三条",
        "",
    )

    assert sentence_zh(line) == "住院自负 8,000.00 元 × 20% = 1,600.00 元"


def test_a_weighted_part_shows_its_weight() -> None:
    line = Line(
        "a", Rule.BASE, "b1", "基数", (("乙类", 100), ("乙类×", 5_000)), (), 50, 0, "", "演示"
    )

    assert sentence_zh(line) == ("基数：乙类 1.00 元 × 50% = 0.50 元（演示参数，未经证实：演示）")


@pytest.mark.parametrize(
    ("rate", "text"), [(2_000, "20%"), (1_250, "12.5%"), (1_120, "11.2%"), (5, "0.05%")]
)
def test_percent_has_no_needless_zeros(rate: int, text: str) -> None:
    assert percent_zh(rate) == text


def test_a_table_without_a_number_says_so() -> None:
    line = Line("a", Rule.NO_RATE, "", "升学补助", (), (), 0, 0, "", "")

    assert sentence_zh(line) == "升学补助：条款对此情形没有约定给付"


@pytest.mark.parametrize("at_limit", [(0, "未超过，不予计算"), (5, "已超过，全额计入")])
def test_a_threshold_says_whether_it_was_passed(at_limit: tuple[int, str]) -> None:
    output, told = at_limit
    inputs, params = (("base_fen", 5),), (("threshold_fen", 5), ("reached_at", 0))

    line = Line("a", Rule.THRESHOLD, "", "自负", inputs, params, output, 0, "", "")

    assert sentence_zh(line).endswith(told)


@pytest.mark.parametrize("code", list(ReasonCode))
def test_every_reason_can_be_said(code: ReasonCode) -> None:
    assert reason_zh(code, "年度限额").endswith("：年度限额")
    assert reason_zh(code, "")
