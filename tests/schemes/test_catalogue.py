from pathlib import Path

import pytest

from app.catalogue import find_versions, load_all, load_file, load_folder, load_versions
from app.catalogue.loading import SCHEMES
from app.domain.errors import TermsInvalid

FUND = (SCHEMES / "chongqing-medical-fund.yaml").read_text(encoding="utf-8")


def refused(tmp_path: Path, text: str | bytes) -> TermsInvalid:
    path = tmp_path / "ours.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(TermsInvalid) as caught:
        load_file(path)
    return caught.value


def test_the_catalogue_holds_the_schemes_of_the_founding_documents() -> None:
    found = load_all()

    assert {
        "chongqing-medical-fund",
        "chongqing-minzheng-jikunbao",
        "chunan-supplementary-medical",
    } <= set(found)
    assert found["chongqing-medical-fund"].kind == "fund"
    assert len(found["chongqing-minzheng-jikunbao"].covers) == 5


def test_a_scheme_stands_in_a_file_of_its_own_name() -> None:
    for path in SCHEMES.glob("*.yaml"):
        code, _, version = path.stem.partition(".")
        terms = load_file(path)
        assert terms.scheme_code == code
        assert version in ("", terms.version)


def test_the_newest_version_bears_the_plain_name() -> None:
    for code, versions in load_versions().items():
        assert load_file(SCHEMES / f"{code}.yaml") == versions[-1] == load_all()[code]
    assert [terms.version for terms in find_versions("putian-dibao-accident")] == ["2014", "2015"]
    assert find_versions("moon-base") == ()


def test_files_of_one_scheme_are_its_versions_and_may_not_contradict_each_other(
    tmp_path: Path,
) -> None:
    later = FUND.replace('version: "2016"', 'version: "2027"')
    later = later.replace("effective_from: 2016", "effective_from: 2027")
    (tmp_path / "a.yaml").write_text(FUND, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(later, encoding="utf-8")
    (versions,) = load_folder(tmp_path).values()
    assert [terms.version for terms in versions] == ["2016", "2027"]

    closed = FUND.replace("effective_to: null", "effective_to: 2027-12-31")
    (tmp_path / "a.yaml").write_text(closed, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(later.replace("kind: fund", "kind: insurance"))
    with pytest.raises(TermsInvalid) as caught:
        load_folder(tmp_path)
    told = [fault.message_zh for fault in caught.value.faults]
    assert [text[:7] for text in told] == ["b.yaml:", "b.yaml:"], told
    assert "有效期与 a.yaml（版本 2016）重叠" in told[0]
    assert "性质" in told[1]


def test_overlapping_tiers_are_told_with_file_line_and_path(tmp_path: Path) -> None:
    text = FUND.replace("{above: {yuan: 10000}", "{above: {yuan: 9000}")
    line = 1 + text.splitlines().index(
        "          - {above: {yuan: 9000}, to: {yuan: 30000}, rate: {percent: 60}}"
    )

    (fault,) = refused(tmp_path, text).faults

    assert fault.pointer == "/covers/0/measure/pay/tiers/1/above"
    assert fault.message_zh.startswith(f"ours.yaml:{line}: /covers/0/measure/pay/tiers/1/above ")
    assert fault.message_en.startswith(f"ours.yaml:{line}: ")


def test_a_number_without_origin_is_told(tmp_path: Path) -> None:
    text = FUND.replace('{yuan: 50000, clause: "报道：每人每年最高 5 万元"}', "{yuan: 50000}")

    (fault,) = refused(tmp_path, text).faults

    assert fault.pointer == "/covers/0/limits/0/amount"
    assert "unconfirmed" in fault.message_zh


def test_an_unknown_part_of_a_bill_is_told(tmp_path: Path) -> None:
    text = FUND.replace("overlmt_selfpay", "wine_and_song")

    (fault,) = refused(tmp_path, text).faults

    assert fault.pointer == "/covers/0/measure/parts/1/field"
    assert "wine" not in fault.message_zh.replace(fault.pointer, "")


def test_an_ambiguous_reading_must_be_stated(tmp_path: Path) -> None:
    text = FUND.replace("        mode: marginal\n", "")

    (fault,) = refused(tmp_path, text).faults

    assert fault.pointer == "/covers/0/measure/pay/mode"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("a: [1, 2", 1),
        ("a: 1\nb: *a\n", 1),
        ("a: &x 1\nb: *x\n", 1),
        ("a: 1\na: 2\n", 2),
        ("a: 1\nb: !!python/name:os.system x\n", 2),
        ("a: 1\nb: yes\n", 2),
        ("a: 1\nb: {yuan: 5, clause: 每人 1,000 元}\n", 2),
        ("a: 1\nb: 0x1F\n", 2),
        ("a: 1\nb: {yuan: 1.005}\n", 2),
        ("a: 1\nb: {yuan: -5}\n", 2),
        ("a: 1\nb: {percent: 1000.5}\n", 2),
        ("a: 1\nb: {days: 2.5}\n", 2),
        ("a: 1\nb:\n  origin: [x]\n", 3),
        ("a: 1\nb:\n  origin: {note: x}\n", 3),
        ("[" * 5_000, 1),
        ("- " * 1_000_000, 1),
        (b"\xff\xff\xff", 1),
        (b"a: \x00", 1),
    ],
)
def test_a_page_that_cannot_be_read_names_its_line(
    tmp_path: Path, text: str | bytes, line: int
) -> None:
    (fault,) = refused(tmp_path, text).faults

    assert fault.code == "terms.invalid"
    assert fault.message_zh.startswith(f"ours.yaml:{line}: ")


def test_numbers_take_the_origin_nearest_to_them(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    own = "rate: {percent: 12.5, clause: 第九条}}"
    path.write_text(FUND.replace("rate: {percent: 70}}", own), encoding="utf-8")

    tiers = load_file(path).covers[0].measure.pay.tiers  # type: ignore[union-attr]

    assert (tiers[2].rate.value, tiers[2].rate.clause) == (1_250, "第九条")
    assert tiers[1].rate.unconfirmed == "分段比例未公开，演示取值"


def test_a_page_with_true_and_false_is_read(tmp_path: Path) -> None:
    (fault, *_) = refused(tmp_path, "version: true\nname_zh: false\n").faults

    assert fault.pointer in {"/version", "/scheme_code"}


def test_a_folder_tells_the_faults_of_all_files_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(FUND, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(FUND, encoding="utf-8")
    (tmp_path / "c.yaml").write_text("a: 1\na: 2\n", encoding="utf-8")

    with pytest.raises(TermsInvalid) as caught:
        load_folder(tmp_path)

    assert [fault.message_zh.split(":")[0] for fault in caught.value.faults] == ["b.yaml", "c.yaml"]
