"""Refusals of forms in words that fit what was filled in."""

from pydantic import BaseModel, Field, SecretStr, ValidationError

from app.api.faults import translate
from app.domain.errors import Invalid


class Filled(BaseModel):
    account: SecretStr = Field(min_length=4)
    payees: list[int] = Field(min_length=1)


def test_a_text_is_too_short_in_characters_and_a_list_in_items() -> None:
    try:
        Filled.model_validate({"account": "12", "payees": []})
    except ValidationError as refused:
        found = translate(refused.errors())
    assert isinstance(found, Invalid)
    assert [fault.message_zh for fault in found.faults] == ["至少 4 个字。", "至少 1 项。"]
