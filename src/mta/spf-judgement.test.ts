import assert from "node:assert/strict";
import { test } from "node:test";
import type { Authentication, DkimResult, DmarcResult, SpfResult } from "../authentication/results.ts";
import type { Judged } from "../policy/contract.ts";
import { judgedSpf, type SpfFailPolicy } from "./spf-judgement.ts";

const PERMIT: Judged = { decision: "permit", steps: [], asked: [], tags: [] };
const spf = (result: SpfResult["result"]): SpfResult[] => [
  { result, identity: "mailfrom", domain: "news.bank.test", mechanism: "-all", lookups: 1 },
];
const dkim = (domain: string, result: DkimResult["result"] = "pass"): DkimResult[] => [
  { result, domain, selector: "s", signatureStart: "x", testing: false },
];
const dmarc = (result: DmarcResult["result"]): DmarcResult => ({
  result,
  authorDomain: "bank.test",
  requested: "none",
  spfAligned: false,
  dkimAligned: false,
});
type Facts = Pick<Authentication, "spf" | "dkim" | "dmarc">;
const NOBODY = (): undefined => undefined;
const FAILED: Facts = { spf: spf("fail"), dkim: [], dmarc: dmarc("none") };

const cases: readonly { name: string; setting?: SpfFailPolicy; facts?: Partial<Facts>; want: string }[] = [
  { name: "refused where the operator wants it", want: "reject 5.7.23" },
  { name: "junk", setting: "junk", want: "permit junk" },
  { name: "only noted by default", setting: "record", want: "permit" },
  { name: "softfail is no fail", facts: { spf: spf("softfail") }, want: "permit" },
  {
    name: "the author's domain asks by DMARC, which speaks for itself",
    facts: { dmarc: { ...dmarc("fail"), requested: "quarantine" } },
    want: "permit",
  },
  { name: "DMARC is content", facts: { dmarc: dmarc("pass") }, want: "permit" },
  { name: "DMARC that asks for nothing", facts: { dmarc: dmarc("fail") }, want: "reject 5.7.23" },
  { name: "signed by the sender's domain", facts: { dkim: dkim("news.bank.test") }, want: "permit" },
  { name: "signed by the domain above", facts: { dkim: dkim("bank.test") }, want: "permit" },
  { name: "signed by a stranger", facts: { dkim: dkim("evil.test") }, want: "reject 5.7.23" },
  { name: "signed by a customer", facts: { dkim: dkim("evil.bank.test") }, want: "reject 5.7.23" },
  { name: "signed by a top level", facts: { dkim: dkim("test") }, want: "reject 5.7.23" },
  {
    name: "a doubt about DMARC that asks for nothing",
    facts: { dkim: dkim("dead.news.bank.test", "temperror"), dmarc: dmarc("temperror") },
    want: "reject 5.7.23",
  },
  {
    name: "a key that is not there yet",
    facts: { dkim: dkim("bank.test", "temperror") },
    want: "permit junk",
  },
  { name: "a signature that fails", facts: { dkim: dkim("bank.test", "fail") }, want: "reject 5.7.23" },
];
for (const { name, setting = "reject", facts, want } of cases) {
  test(`SPF alone: ${name}`, () => {
    const { decision, reply, tags } = judgedSpf(PERMIT, setting, { ...FAILED, ...facts }, NOBODY);
    const told = [decision, reply?.enhanced ?? "", ...tags.map(({ kind }) => kind)].filter(Boolean).join(" ");
    assert.equal(told, want);
  });
}

test("SPF alone: a forwarder the operator knows is believed, and what was refused stays so", () => {
  const known = { type: "trusted_forwarder", comment: "address 192.0.2.1" } as const;
  const { decision, tags, steps } = judgedSpf(PERMIT, "reject", FAILED, () => known);
  assert.deepEqual([decision, tags], ["permit", []]);
  assert.deepEqual(
    steps.map(({ reason, evidence }) => [reason, evidence["comment"]]),
    [["spf-forwarder", "address 192.0.2.1"]],
  );
  const refused: Judged = { ...PERMIT, decision: "reject" };
  assert.equal(judgedSpf(refused, "junk", FAILED, NOBODY), refused);
});
