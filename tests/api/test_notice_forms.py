"""A notice's form and the content it stands for say the same, both ways."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from app.api.notice_forms import NoticeForm, form_of
from app.api.notice_views import InjuryShown, ServiceShown

WHOLE: dict[str, Any] = {
    "person": {"name": "张某某", "id_number": "990127196005010016"},
    "event": {
        "kind": "disability",
        "cause": "traffic",
        "on": "2026-06-01",
        "same_as": "crash-1",
        "occurrence": "storm-1",
        "liable": "unable",
    },
    "bills": [
        {
            "kind": "inpatient",
            "total": "1000.00",
            "stay": 1,
            "hospital_area": "330127",
            "amounts": {"psn_part_amt": "100.00"},
            "paid_by": [{"payer": "慈善", "amount": "1.00"}],
        }
    ],
    "stays": [{"admitted_on": "2026-06-01", "discharged_on": "2026-06-05"}],
    "losses": [{"item": "house", "count": 85, "hundredths": 50, "worth": "50000.00"}],
    "injuries": [{"grade": 5}, {"kind": "femur"}],
    "services": [{"kind": "home", "month_on": "2026-05-01", "minutes": 90, "carer": "family"}],
    "extra": {"student": "yes"},
}


def read(told: dict[str, Any]) -> NoticeForm:

    return NoticeForm.model_validate_json(json.dumps(told))


def test_what_is_told_comes_back_as_its_form() -> None:
    content = read(WHOLE).content()

    assert read(form_of(content)).content() == content
    assert (content.losses[0].hundredths, content.losses[0].worth_fen) == (50, 5_000_000)
    assert content.bills[0].stay == 1


def test_injuries_and_services_are_shown_as_told() -> None:
    content = read(WHOLE).content()

    assert [InjuryShown.model_validate(each).grade for each in content.injuries] == [5, None]
    assert ServiceShown.model_validate(content.services[0]).minutes == 90


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("injuries", [{"grade": 0}]),
        ("injuries", [{"grade": 11}]),
        ("services", [{"kind": "home", "month_on": "2026-05-01", "days": 32}]),
        ("losses", [{"item": "house", "hundredths": 100}]),
        ("bills", [{"kind": "inpatient", "total": "1.00", "stay": 0}]),
        ("bills", [{"kind": "inpatient", "total": "1.00", "hospital_area": "moon"}]),
    ],
)
def test_numbers_out_of_range_are_refused_at_the_door(name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        read({name: value})
