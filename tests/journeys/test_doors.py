"""The README's first five minutes of a township, an insurer and a dashboard, run as written."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.journeys.conftest import World

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(
    r"^### [^\n]*· (?P<who>[^\n]+)\n\n```sh\n(?P<lines>.*?)^```", re.MULTILINE | re.DOTALL
)


def test_the_readmes_first_five_minutes_go_as_they_stand_there(
    world: World, tmp_path: Path
) -> None:
    doors = {found["who"]: found["lines"] for found in BLOCK.finditer(_section())}
    assert list(doors) == ["A township", "An insurer", "A dashboard"]
    script = "\n".join(f"echo '== {who}'\n{lines}" for who, lines in doors.items())
    walked = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=_environment(world, tmp_path),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    said = walked.stdout
    assert walked.returncode == 0, said + walked.stderr
    township, insurer, dashboard = re.split(r"^== .*$", said, flags=re.MULTILINE)[1:]
    assert "× 20% = 1,600.00 元" in township
    assert "已结案" in township
    assert "已到账 1600.00 元" in township
    receipts = re.findall(r'"duplicate":\s*(true|false)', insurer)
    assert receipts == ["false", "true"]
    assert "✓ 认幂等号" in insurer
    assert dashboard.lstrip().startswith("HTTP/1.1 304")
    assert '"next_cursor"' in dashboard
    assert "乡镇（街道）,赔案数（件）" in dashboard, "the columns of the report"


def _section() -> str:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return readme.partition("## 三个入口")[2].partition("\n## ")[0]


def _environment(world: World, folder: Path) -> dict[str, str]:
    programs = folder / "bin"
    programs.mkdir()
    relief = programs / "relief"
    python = shlex.quote(sys.executable)
    relief.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {python} -m app.cli "$@"\n'
    )
    relief.chmod(0o755)
    secrets = world.house.folder / "insurer"
    return {
        "PATH": f"{programs}:/usr/bin:/bin",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "URL": world.house.url,
        "INSURER_URL": world.house.insurer_url,
        "TOWNSHIP_KEY": world.keys["township"],
        "DASHBOARD_KEY": world.keys["dashboard"],
        "INSURER_KEY": world.keys["insurer"],
        "CALLBACK_SECRET": str(secrets / "callbacks.secret"),
        "INSTRUCTION_SECRET": str(secrets / "instructions.secret"),
    }
