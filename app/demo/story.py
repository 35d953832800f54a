"""The story: five notices on their way to money, told while it happens, over REST alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.demo import cases
from app.demo.contracts import LEAD
from app.demo.names import COUNTY
from app.demo.office import Json, Office
from app.demo.papers import paper
from app.demo.reconciling import OtherwiseThanTold, Reconciling
from app.demo.telling import Teller, listed
from app.domain.id_card import mask_id, mask_name
from app.domain.person import NewPerson
from client.schemas import ClaimView, DraftForm, EstimateView

Form = Callable[[NewPerson, str, date], Any]  # a notice: to estimate, and to draft


class StoryFailed(Exception):
    """The story came out otherwise than it is told: says where and what came instead."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part: offices by name, people for each case, and what makes this run new.

    `run` goes into every settlement number: the same settlement is never paid for twice.
    """

    township: Office
    jiangjin: Office
    county: Office
    insurer: Office
    people: Mapping[str, Sequence[NewPerson]] = field(repr=False)
    run: str
    today: date


@dataclass(slots=True)
class Told:
    """What the story has come to: each claim as it was read last, and when the first was paid."""

    claims: list[ClaimView] = field(default_factory=list)
    first_paid_seconds: float | None = None

    def as_json(self, total_seconds: float) -> Json:
        """Give the last line of `relief demo --once`; amounts are yuan strings."""
        return {
            "claims": [
                {
                    "claim_no": claim["claim_no"],
                    "scheme": claim["scheme"]["code"],
                    "status": claim["status"]["code"],
                    "outcome": claim["outcome"]["code"] if claim["outcome"] else None,
                    "amount": claim["amounts"]["decided"],
                    "paid": claim["amounts"]["paid"],
                }
                for claim in self.claims
            ],
            "seconds": {"first_paid_claim": self.first_paid_seconds, "total": total_seconds},
        }


class Story:
    """Plays the chapters in order; each raises StoryFailed when the money is not what it says."""

    def __init__(self, cast: Cast, teller: Teller) -> None:
        self._cast = cast
        self._teller = teller
        self.told = Told()

    def play(self) -> Told:
        """Play the whole story."""
        self.chunan()
        self.jiangjin()
        self.two_policies()
        self.bank_return()
        self.statement()
        return self.told

    def chunan(self) -> None:
        """A stay in hospital at 20 %, and a chronic illness at 10 %."""
        self._teller.chapter("一、淳安：住院赔 20%，慢性病门诊赔 10% / inpatient and outpatient")
        for name, form, amount in (
            ("inpatient", cases.inpatient, "1600.00"),
            ("outpatient", cases.outpatient, "60.00"),
        ):
            _, [claim_no] = self._file(self._cast.township, name, form, [amount])
            self._see_paid(self._cast.township, claim_no, amount)

    def jiangjin(self) -> None:
        """The published case, under a formula that nobody has confirmed."""
        self._teller.chapter("二、重庆江津的一笔赔款：费用 5 万元，自担 2.5 万元，赔 7,000 元")
        self._teller.more(
            "赔付公式没有公开，“5,000 元以上赔 35%”是由这一笔赔款反推的演示参数，未经证实"
        )
        self._teller.more("The formula is not published: an unconfirmed demo parameter.")
        office = self._cast.jiangjin
        _, [claim_no] = self._file(office, "jiangjin", cases.jiangjin, ["7000.00"])
        self._see_paid(office, claim_no, "7000.00")

    def two_policies(self) -> None:
        """One notice, two covers: the second waits for the first and pays out of what is left."""
        self._teller.chapter(
            "三、一次报案，两份保障：自担 2 万元，慈善已付 1.3 万元，只剩 7,000 元"
        )
        office = self._cast.township
        amounts = ["4000.00", "3000.00"]
        _, [first, second] = self._file(office, "two_policies", cases.two_covers, amounts)
        waiting = office.follow(
            second,
            lambda claim: claim["waits_for"] == first or claim["status"]["code"] != "submitted",
        )
        if waiting["waits_for"] == first:
            self._teller.step("等候", f"{second} {waiting['sentence_zh']}")
        self._see_paid(office, first, "4000.00")
        self._see_paid(office, second, "3000.00")
        self._teller.more("两份合计 7,000.00 元，正好是剩下的，一分不超 / never more than the loss")

    def bank_return(self) -> None:
        """Paid, returned by the bank, corrected by two persons, paid again."""
        self._teller.chapter("四、银行退汇：到账后被退回，两人更正账户，再次到账 / a bank return")
        office = self._cast.township
        person, [claim_no] = self._file(office, "bank_return", cases.inpatient, ["1600.00"])
        came_back = office.follow(claim_no, _returned, self._changes())
        payout_id = came_back["payouts"][0]["id"]
        payout = office.read_payout(payout_id).body
        bounced = payout["attempts"][-1]
        why = bounced["failure"]
        self._teller.step("退汇", f"{why['label_zh'] if why else ''}：{bounced['reason_zh']}")
        right = cases.account(person, last4="7721")
        office.correct_account(payout_id, right)
        self._teller.step("更正", "乡镇录入新账户，尾号 7721，待另一人复核")
        self._cast.county.correct_account(payout_id, right)
        self._teller.step("复核", "县民政再次录入同一账户，已通知保险公司重新支付")
        self._see_paid(office, claim_no, "1600.00")
        attempts = office.read_payout(payout_id).body["attempts"]
        _expect("attempts", [one["status"]["code"] for one in attempts], ["returned", "paid"])
        _expect("account", attempts[-1]["account_last4"], "7721")
        for event in reversed(office.read_timeline(claim_no).body["items"]):
            self._teller.more(f"· {event['text_zh']}")

    def statement(self) -> None:
        """A day's statement with a fen too little in it: found, owned, settled, closed."""
        cast = self._cast
        area_code = f"{COUNTY:012d}"
        try:
            Reconciling(cast.insurer, cast.county, self._teller, LEAD, area_code, cast.today).play()
        except OtherwiseThanTold as otherwise:
            raise StoryFailed(str(otherwise)) from None

    def _file(
        self, office: Office, name: str, form: Form, amounts: Sequence[str]
    ) -> tuple[NewPerson, list[str]]:
        """Estimate, draft, attach the papers, submit; give the person and the claims' numbers."""
        person, notice = self._choose(office, name, form, amounts)
        here: DraftForm = {"area_code": f"{person.area_code:012d}", "client_ref": name}
        notice_no = office.draft_notice({**notice, **here}).body["notice_no"]
        self._teller.step("草稿", f"报案号 {notice_no}")
        checklist = office.read_checklist(notice_no).body["items"]
        papers = [item for item in checklist if item["state"] == "missing"]
        for item in papers:
            office.attach(
                notice_no, item["code"], f"{item['code']}.pdf", paper(item["code"], notice_no)
            )
        self._teller.step("材料", f"已上传 {len(papers)} 份：{listed(papers)}")
        claims = office.submit_notice(notice_no).body["claims"]
        _expect("claims", len(claims), len(amounts))
        for claim in claims:
            self._teller.step(
                "报案",
                f"赔案 {claim['claim_no']} · {claim['scheme_name_zh']} · 承保 {claim['insurer']}",
            )
        return person, [claim["claim_no"] for claim in claims]

    def _choose(
        self, office: Office, name: str, form: Form, amounts: Sequence[str]
    ) -> tuple[NewPerson, Any]:
        """Take the first person whose limits of this year are not used up by earlier runs."""
        settlement_id = f"DEMO-{self._cast.run}-{name}"
        for person in self._cast.people[name]:
            notice = form(person, settlement_id, self._cast.today)
            found = office.estimate_notice(notice).body
            if [policy["amount"] for policy in found["policies"]] == list(amounts):
                self._estimated(person, found)
                return person, notice
        raise StoryFailed(
            f"{name}: 没有一位示例人员的试算是 {'、'.join(amounts)} 元；"
            "年度限额可能已被以前的演示用完"
            " / no sample person's estimate is as told; earlier runs may have used up the limits"
        )

    def _estimated(self, person: NewPerson, found: EstimateView) -> None:
        shown = f"{mask_name(person.name)} {mask_id(person.id_number or '')}"
        self._teller.step(
            "试算", f"{shown}：{len(found['policies'])} 份保障，共 {found['total']} 元"
        )
        for policy in found["policies"]:
            self._teller.more(f"{policy['scheme_name_zh']}（{policy['policy_no']}）：")
            self._teller.assessment(policy["assessment"])
        self._teller.more(f"还缺材料：{listed(found['missing']) or '无'}")
        self._teller.more(f"赔付后家庭自担 {found['self_borne_left']} 元")

    def _see_paid(self, office: Office, claim_no: str, amount: str) -> None:
        claim = office.follow(claim_no, _paid, self._changes())
        _expect(claim_no, (claim["amounts"]["decided"], claim["amounts"]["paid"]), (amount, amount))
        self.told.claims.append(claim)
        if self.told.first_paid_seconds is None:
            self.told.first_paid_seconds = self._teller.seconds()
            self._teller.more(
                f"→ 第一笔赔款到账，用时 {self._teller.seconds()} 秒 / first paid claim"
            )

    def _changes(self) -> Callable[[ClaimView], None]:
        """Tell of a claim each time that its sentence is another one."""
        said: list[str] = []

        def tell(claim: ClaimView) -> None:
            if said[-1:] != [claim["sentence_zh"]]:
                said.append(claim["sentence_zh"])
                self._teller.step(claim["status"]["label_zh"], claim["sentence_zh"])

        return tell


def _paid(claim: ClaimView) -> bool:
    return claim["status"]["code"] in ("paid", "closed") and all(
        payout["status"]["code"] == "paid" for payout in claim["payouts"]
    )


def _returned(claim: ClaimView) -> bool:
    return any(payout["status"]["code"] == "returned" for payout in claim["payouts"])


def _expect(what: str, found: Any, wanted: Any) -> None:
    if found != wanted:
        raise StoryFailed(f"{what}: {found}，应为 / should be {wanted}")
