"""Benefits that are paid month by month: the words, and how terms say it."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.figures import Sourced


class Ended(StrEnum):
    """What ends a benefit before its last instalment."""

    DIED = "died"
    WITHDRAWN = "withdrawn"
    COVER_ENDED = "cover_ended"


class InstalmentState(StrEnum):
    """`planned` until it is due, `opened` when its payouts are there, or `stopped`."""

    PLANNED = "planned"
    OPENED = "opened"
    STOPPED = "stopped"


ENDED_ZH: dict[Ended, str] = {
    Ended.DIED: "受益人死亡",
    Ended.WITHDRAWN: "受益人放弃或撤回",
    Ended.COVER_ENDED: "保障终止",
}
INSTALMENT_ZH: dict[InstalmentState, str] = {
    InstalmentState.PLANNED: "未到期",
    InstalmentState.OPENED: "已到期发放",
    InstalmentState.STOPPED: "已停发",
}


@dataclass(frozen=True, slots=True)
class Recurring:
    """A cover's amount is paid in `instalments` parts, one a month, the first with the decision.

    `ends` names what stops the parts that are not due yet by itself: a death, or the end of the
    person's cover. That the recipient gives it up stops every benefit.
    """

    label_zh: str
    instalments: Sourced
    ends: tuple[Ended, ...]
