// One notice becomes money, in TypeScript: the types are made from openapi/openapi.json.
//
// Reads what it is told (see Told) as JSON from standard input and
// prints what it came to, as JSON. Compiled with every strictness there is.
import createClient from "openapi-fetch";
import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import type { components, paths } from "./made/relief.js";

type NoticeForm = components["schemas"]["NoticeForm"];
type Claim = components["schemas"]["ClaimView"];
type Problem = components["schemas"]["Problem"];
interface Told {
  url: string;
  key: string;
  area_code: string;
  settlement_id: string;
  happened_on: string;
  name: string;
  id_number: string;
  paper_base64: string;
}

const PATIENCE_MS = 60_000;
const told = JSON.parse(readFileSync(0, "utf8")) as Told;
const paper = Buffer.from(told.paper_base64, "base64");
const relief = createClient<paths>({
  baseUrl: told.url,
  headers: { Authorization: `Bearer ${told.key}` },
});

/** Gives what was answered, or throws the problem in its own words. */
function answered<T>(what: string, answer: { data?: T; error?: Problem }): T {
  if (answer.data === undefined) {
    throw new Error(`${what}: ${answer.error?.code ?? "?"} ${answer.error?.detail ?? ""}`);
  }
  return answer.data;
}

/** A header that makes a write safe to send again. */
function once(): { "Idempotency-Key": string } {
  return { "Idempotency-Key": randomUUID() };
}

const form: NoticeForm = {
  person: { name: told.name, id_type: "resident_id", id_number: told.id_number },
  event: { kind: "illness", cause: "disease", on: told.happened_on, place: "示范县" },
  bills: [
    {
      kind: "inpatient",
      total: "20000.00",
      hospital: "示范县人民医院",
      hospital_level: "county",
      settlement_id: told.settlement_id,
      amounts: {
        medfee_sumamt: "20000.00",
        fund_pay_sumamt: "12000.00",
        hifp_pay: "12000.00",
        psn_part_amt: "8000.00",
        psn_cash_pay: "8000.00",
        preselfpay_amt: "2500.00",
        fulamt_ownpay_amt: "1500.00",
        inscp_scp_amt: "16000.00",
      },
    },
  ],
  filed_by: { name: "演示经办", relation: "village_cadre", authorised: true },
  payees: [
    {
      name: told.name,
      account: "9900123456780018",
      bank: "示范农商银行",
      relation: "self",
      share_bp: 10_000,
    },
  ],
};

async function attach(notice_no: string, kind: string): Promise<void> {
  const body = new FormData();
  body.append("kind", kind);
  body.append("file", new Blob([paper], { type: "application/pdf" }), `${kind}.pdf`);
  const path = "/v1/notices/{notice_no}/documents";
  const params = { path: { notice_no }, header: once() };
  answered(
    path,
    await relief.POST(path, { params, body: { kind, file: "" }, bodySerializer: () => body }),
  );
}

/** Polls with the ETag at hand until the money is there; counts the answers without a body. */
async function follow(claim_no: string): Promise<{ claim: Claim; unchanged: number }> {
  const until = Date.now() + PATIENCE_MS;
  let etag = "";
  let unchanged = 0;
  for (;;) {
    const header = etag === "" ? {} : { "If-None-Match": etag };
    const path = "/v1/claims/{claim_no}";
    const answer = await relief.GET(path, { params: { path: { claim_no }, header } });
    if (answer.response.status === 304) {
      unchanged += 1;
    } else {
      const claim = answered(path, answer);
      etag = answer.response.headers.get("ETag") ?? "";
      if (claim.status.code === "closed") return { claim, unchanged };
    }
    if (Date.now() > until) throw new Error(`${claim_no} took too long`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

const estimate = answered("estimate", await relief.POST("/v1/estimates", { body: form }));
const draft = answered(
  "draft",
  await relief.POST("/v1/notices", {
    params: { header: once() },
    body: { ...form, area_code: told.area_code },
  }),
);
const notice_no = draft.notice_no;
const checklist = answered(
  "checklist",
  await relief.GET("/v1/notices/{notice_no}/checklist", { params: { path: { notice_no } } }),
);
for (const item of checklist.items) {
  if (item.state === "missing") await attach(notice_no, item.code);
}
const key = once();
const path = "/v1/notices/{notice_no}:submit";
const params = { path: { notice_no }, header: key };
const submitted = answered(path, await relief.POST(path, { params }));
const repeated = await relief.POST(path, { params });
const claim_no = submitted.claims[0]?.claim_no ?? "";
const { claim, unchanged } = await follow(claim_no);
const wrong = await relief.GET("/v1/claims/{claim_no}", {
  params: { path: { claim_no: "990127-2026-999999-1" } },
});
console.log(
  JSON.stringify({
    estimated: estimate.total,
    claim_no,
    replayed: repeated.response.headers.get("Idempotency-Replayed"),
    decided: claim.amounts.decided,
    paid: claim.amounts.paid,
    unchanged,
    refused: wrong.error?.code,
  }),
);
