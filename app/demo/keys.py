"""Keys for every role. A new run ends the keys of the last one, as none can be read back."""

from app.db.keys import revoke_labelled
from app.db.session import Database
from app.demo.contracts import LEAD
from app.demo.names import COUNTY, PREFECTURE, PROVINCE, township
from app.demo.population import FIRST, FUND, JIANGJIN
from app.domain.caller import AREA_END, Caller, Role
from app.services.keys import issue_key

LABEL = "demo"
SECURITY = Caller(Role.SECURITY, 0, AREA_END, "seed")
HOLDERS: dict[str, tuple[Role, int, str | None]] = {
    "township": (Role.TOWNSHIP, township(FIRST), None),
    "township_jiangjin": (Role.TOWNSHIP, township(JIANGJIN), None),
    "township_fund": (Role.TOWNSHIP, township(FUND), None),
    "county": (Role.COUNTY, COUNTY, None),
    "county_second": (Role.COUNTY, COUNTY, None),
    "prefecture": (Role.PREFECTURE, PREFECTURE, None),
    "province": (Role.PROVINCE, PROVINCE, None),
    "dashboard": (Role.DASHBOARD, COUNTY, None),
    "insurer": (Role.INSURER, 0, LEAD),
    "system": (Role.SYSTEM, 0, None),
    "security": (Role.SECURITY, 0, None),
    "audit": (Role.AUDIT, 0, None),
}


async def hand_out(database: Database) -> dict[str, str]:
    """Give a fresh token for every holder and end those given out before."""
    async with database.transaction(SECURITY) as tx:
        await revoke_labelled(tx, LABEL)
        return {
            holder: (await issue_key(tx, role, area_code, insurer, label=LABEL, test=True)).token
            for holder, (role, area_code, insurer) in HOLDERS.items()
        }
