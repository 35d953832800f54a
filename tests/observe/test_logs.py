"""Every line is JSON, carries its request id, and names nobody."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
import stamina
import structlog
import uvicorn

from app.observe import bind_request, configure_logs, forget_request, get_logger, request_id

ID_NUMBER = "990101199001010015"
ID_NUMBER_X = "99010119900101001X"
CARD = "6200000000000000008"
PHONE = "13800138000"
CLAIM_NO = "330127-2026-000123-1"
NAME = "王某某"
PRIVATE = (ID_NUMBER, ID_NUMBER_X, ID_NUMBER_X.lower(), CARD, PHONE, NAME, "6200 0000 0000 0000")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, plain = (root.handlers, root.level), structlog.get_config()
    stream = io.StringIO()
    configure_logs("info", stream)
    yield stream
    root.handlers, level = before
    root.setLevel(level)
    structlog.configure(**plain)
    stamina.instrumentation.set_on_retry_hooks(None)
    forget_request()


def written(stream: io.StringIO) -> list[dict[str, object]]:
    text = stream.getvalue()
    assert not [value for value in PRIVATE if value in text]
    return [json.loads(line) for line in text.splitlines()]


def test_an_event_is_one_json_line_with_its_facts(lines: io.StringIO) -> None:
    get_logger("services").info(
        "claim.assessed", claim_no="330127-2026-000123-1", amount_fen=160000
    )
    [line] = written(lines)
    assert line["event"] == "claim.assessed"
    assert line["claim_no"] == CLAIM_NO
    assert line["amount_fen"] == 160000
    assert line["level"] == "info"
    assert line["logger"] == "services"
    assert str(line["at"]).endswith("Z")


def test_lines_below_the_level_are_not_written(lines: io.StringIO) -> None:
    get_logger("services").debug("claim.read")
    logging.getLogger("library").debug("noise")
    assert written(lines) == []


def test_every_line_of_a_request_carries_its_id_until_it_ends(lines: io.StringIO) -> None:
    bind_request("req-1", actor="key:01")
    get_logger("api").info("notice.submitted")
    logging.getLogger("library").warning("slow")
    assert request_id() == "req-1"
    forget_request()
    get_logger("api").info("notice.submitted")
    ours, library, after = written(lines)
    assert ours["request_id"] == library["request_id"] == "req-1"
    assert ours["actor"] == "key:01"
    assert "request_id" not in after
    assert request_id() is None


def test_members_that_hold_personal_data_are_dropped_at_any_depth(lines: io.StringIO) -> None:
    get_logger("services").info(
        "notice.submitted",
        name=NAME,
        patient_name=NAME,
        id_number=ID_NUMBER,
        payee={"account": CARD},
        kept={"payees": [NAME], "deep": [{"phone": PHONE, "kind": "illness"}]},
    )
    [line] = written(lines)
    assert line["kept"] == {"deep": [{"kind": "illness"}]}
    assert not {"name", "patient_name", "id_number", "payee"} & set(line)


@pytest.mark.parametrize(
    "text",
    [
        f"no cover for {ID_NUMBER}", f"({ID_NUMBER_X})", f"证件号{ID_NUMBER_X.lower()}未收录",
        f"ID{ID_NUMBER}", "990101 19900101 0015", f"card {CARD}", "6200 0000 0000 0000 008",
        "6200-0000-0000-0000", f"call {PHONE}", "138 0013 8000", "+8613800138000",
        f"/v1/people?id={ID_NUMBER}&card={CARD}", "990101900101001",
    ],
)  # fmt: skip
def test_numbers_of_people_are_masked_wherever_they_stand(lines: io.StringIO, text: str) -> None:
    get_logger("services").info("x.y", hint=text, nested=[{"a": (text,)}], by_key={text: 1})
    logging.getLogger("library").warning("said %s", text)
    logging.getLogger("library").warning("extra", extra={"hint": text})
    raw = lines.getvalue()
    assert raw.count("[…]") >= 4
    for line in written(lines):
        assert not any(len(part) > 12 for part in digits_of(line))


def digits_of(line: dict[str, object]) -> list[str]:
    said = json.dumps({key: value for key, value in line.items() if key != "at"})
    return [part for part in "".join(c if c.isdigit() else " " for c in said).split() if part]


def test_numbers_are_masked_when_they_are_numbers_too(lines: io.StringIO) -> None:
    get_logger("services").info("x.y", a=int(ID_NUMBER), b=int(PHONE), c=330127103000, d=160000)
    [line] = written(lines)
    assert (line["a"], line["b"], line["c"], line["d"]) == ("[…]", "[…]", 330127103000, 160000)


@pytest.mark.parametrize(
    "ours",
    [
        "330127-2026-000123", "330127-2026-000123-12", "330127103000", "2026-11-22T12:00:00.1234Z",
        "0192f0c1-0000-7000-8000-000000000000", "12345678-1234-7234-8234-123456789012", "0" * 64,
        "12345678901234567890123456789012", "1763812800123", "1600.00",
    ],
)  # fmt: skip
def test_our_own_numbers_are_left_as_they_are(lines: io.StringIO, ours: str) -> None:
    get_logger("services").info("x.y", value=ours)
    [line] = written(lines)
    assert line["value"] == ours


def test_an_error_is_told_by_kind_and_place_and_never_by_its_message(lines: io.StringIO) -> None:
    class RowTaken(Exception):
        sqlstate = "23505"

    def store() -> None:
        try:
            int(NAME)
        except ValueError as error:
            raise RowTaken(f"Key (name)=({NAME}) exists, {ID_NUMBER}") from error

    try:
        store()
    except RowTaken:
        get_logger("db").exception("row.taken")
        logging.getLogger("library").exception("failed")
    ours, library = written(lines)
    for line in (ours, library):
        taken, cause = line["error"]
        assert taken["type"].endswith("RowTaken")
        assert taken["sqlstate"] == "23505"
        assert taken["at"][-1].endswith(" store")
        assert cause["type"] == "builtins.ValueError"


def test_an_error_without_an_exception_is_just_a_line(lines: io.StringIO) -> None:
    get_logger("db").error("row.taken", exc_info=True)
    get_logger("db").error("row.taken", exc_info=ValueError(NAME))
    none, given = written(lines)
    assert "error" not in none
    assert given["error"] == [{"type": "builtins.ValueError", "at": []}]


def test_bytes_and_bottomless_facts_are_not_written_out(lines: io.StringIO) -> None:
    bottomless: dict[str, object] = {}
    bottomless["again"] = bottomless
    get_logger("x").info(
        "x.y", blob=NAME.encode(), bottomless=bottomless, thing={1: object, 2: None}
    )
    [line] = written(lines)
    assert line["blob"] == "9 bytes"
    assert "[…]" in json.dumps(line["bottomless"], ensure_ascii=False)


def test_the_server_speaks_json_too(lines: io.StringIO) -> None:
    config = uvicorn.Config(lambda: None, log_config=None, log_level="info")
    config.load()
    logging.getLogger("uvicorn.error").info("Uvicorn running")
    logging.getLogger("uvicorn.access").info(
        '%s - "%s %s HTTP/%s" %d', "127.0.0.1", "GET", f"/v1/x?id={ID_NUMBER}", "1.1", 200
    )
    assert [line["logger"] for line in written(lines)][-2:] == ["uvicorn.error", "uvicorn.access"]


def test_a_retry_tells_the_call_and_never_its_arguments(lines: io.StringIO) -> None:
    tries = []

    @stamina.retry(on=ConnectionError, attempts=3, wait_initial=0.0, wait_jitter=0.0)
    def pay(name: str, account: str) -> str:
        tries.append(name)
        if len(tries) < 3:
            raise ConnectionError(f"{name} {account}")
        return "paid"

    assert pay(NAME, account=CARD) == "paid"
    first, second = written(lines)
    assert first["event"] == "retry.scheduled"
    assert str(first["call"]).endswith("pay")
    assert (first["retry"], second["retry"]) == (1, 2)
    assert first["caused_by"] == "ConnectionError"


def test_a_stream_that_is_gone_stops_nobodys_work() -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)
    stream.close()
    get_logger("test").info("a line for nobody")
