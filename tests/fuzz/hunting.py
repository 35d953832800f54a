"""One run of schemathesis as one role, against a served county."""

import json
import subprocess
import sys
from pathlib import Path

from tests.fuzz.house import Served

PHASES = "examples,coverage,fuzzing,stateful"

# What differs from the tool's own settings, and why.
SETTINGS = """
[checks]
# Not whether a form is well formed but whether it makes sense (a cursor of ours, an ID number that
# adds up, papers that are there) is told by 400, 412, 415, 422 and 428; no schema can say it.
positive_data_acceptance.expected-statuses = [
    "2xx", "3xx", 400, 401, 403, 404, 409, 412, 415, 422, 423, 428, 429, 503
]
# What a request starts from (If-Match) is looked at before its body.
negative_data_rejection.expected-statuses = [
    400, 401, 403, 404, 405, 406, 408, 409, 412, 413, 415, 421, 422, 428, 429, 431, 503
]
# If-Match that is missing is a 428 (RFC 6585, 3).
missing_required_header.expected-statuses = [400, 401, 403, 404, 406, 409, 415, 422, 428]

[[operations]]
# By GET it looks like the number of a statement, and there is none of that number.
include-path = "/v1/statements/files"
checks.unsupported_method.enabled = false

[[operations]]
# A long poll: without news it is answered after the ten seconds that were asked for, not within.
include-path = "/v1/events"
checks.max_response_time = 15.0
"""


def hunt(
    served: Served, role: str, folder: Path, *, examples: int, seed: int, phases: str = PHASES
) -> subprocess.CompletedProcess[str]:
    """Let schemathesis call every operation as a role; its exit status is 0 without a failure."""
    people = folder / f"{role}.json"
    people.write_text(json.dumps(_people(served, role)))
    settings = folder / f"{role}.toml"
    settings.write_text(SETTINGS + _numbers(served) + _peers(people, role))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings)]
    command += ["run", f"{served.url}/openapi.json", "--checks", "all", "--no-color"]
    command += ["--phases", phases, "--max-examples", str(examples), "--seed", str(seed)]
    command += ["--warnings", "off", "--suppress-health-check", "all"]
    return subprocess.run(  # noqa: PLW1510 - the caller looks at the status
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8"
    )


def _people(served: Served, role: str) -> dict[str, object]:
    """The role and its stranger, in the form of Web Fuzzing Commons."""
    held = {role: served.keys[role], f"{role}-elsewhere": served.strangers[role]}
    return {
        "auth": [
            {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}
            for name, token in held.items()
        ]
    }


def _peers(people: Path, role: str) -> str:
    return (
        f"\n[auth.wfc]\npath = {json.dumps(str(people))}\nuser = {json.dumps(role)}\n"
        f"peers = {json.dumps([role, f'{role}-elsewhere'])}\n"
    )


def _numbers(served: Served) -> str:
    """Numbers of what is there, so that paths lead somewhere."""
    lines = [f'"path.{name}" = {json.dumps(number)}' for name, number in served.named.items()]
    return "\n[parameters]\n" + "\n".join(lines) + "\n"
