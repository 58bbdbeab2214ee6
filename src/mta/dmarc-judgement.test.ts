import assert from "node:assert/strict";
import { test } from "node:test";
import { WISH_UNKNOWN } from "../authentication/dmarc/verify.ts";
import type { DmarcResult } from "../authentication/results.ts";
import type { Judged, Policy } from "../policy/contract.ts";
import type { PolicyFacts } from "../policy/facts.ts";
import { judgedContent, type DmarcPolicy, type DmarcUnknownPolicy } from "./dmarc-judgement.ts";

const PERMIT: Judged = { decision: "permit", steps: [], asked: [], tags: [] };
const policy: Pick<Policy, "judgeEndOfData"> = { judgeEndOfData: async () => PERMIT };
const UNKNOWN: DmarcResult = {
  result: "temperror",
  problem: WISH_UNKNOWN,
  authorDomain: "dark.test",
  requested: "none",
  spfAligned: false,
  dkimAligned: false,
};
const FORWARDER = { type: "trusted_forwarder", comment: "name mx.list.test" } as const;

const cases: readonly {
  readonly name: string;
  readonly dmarc?: DmarcPolicy;
  readonly unknown?: DmarcUnknownPolicy;
  readonly heard?: boolean;
  readonly known?: typeof FORWARDER;
  readonly result?: Partial<DmarcResult>;
  readonly want: string;
}[] = [
  { name: "waits", want: "defer 451 4.7.0 defer dmarc-temperror" },
  { name: "the operator only wants it noted", unknown: "record", want: "permit" },
  { name: "DMARC refuses nobody here", dmarc: "junk", want: "permit" },
  { name: "DMARC is only noted here", dmarc: "record", want: "permit" },
  { name: "handed on by somebody known", known: FORWARDER, want: "permit dunno dmarc-unknown-forwarder" },
  { name: "the DNS is cut off", heard: false, want: "permit dunno dmarc-no-dns" },
  {
    name: "the wish is known, and asks for nothing",
    result: { problem: "key-unknown" },
    want: "permit",
  },
];
for (const { name, dmarc = "enforce", unknown = "defer", heard = true, known, result, want } of cases) {
  test(`DMARC where the DNS does not tell: ${name}`, async () => {
    const { decision, reply, steps } = await judgedContent(
      { policy: policy as Policy, dmarc, dmarcUnknown: unknown, dnsIsHeard: async () => heard },
      {} as PolicyFacts,
      { ...UNKNOWN, ...result },
      () => known,
    );
    const answer = reply === undefined ? [] : [String(reply.code), reply.enhanced];
    const told = [decision, ...answer, ...steps.flatMap(({ verdict, reason }) => [verdict, reason])];
    assert.equal(told.join(" "), want);
  });
}
