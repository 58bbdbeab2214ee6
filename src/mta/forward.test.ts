import assert from "node:assert/strict";
import { test } from "node:test";
import { zoneDns, type ZoneEntry } from "../../test/authentication/spf-zone.ts";
import type { Authentication, DkimResult, SpfResult } from "../authentication/results.ts";
import { parseDomain, type Domain } from "../base/domain-name.ts";
import { Forwarding } from "../accounts/forwarding.ts";
import { ManualClock } from "../base/clock.ts";
import { parseMailbox } from "../smtp/grammar.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";
import type { Incoming } from "./accept.ts";
import { judgeForwards, senderProof } from "./forward.ts";

const HELO = "mx.b.test";
const spf = (result: SpfResult["result"], domain = HELO): SpfResult => ({
  result,
  identity: "mailfrom",
  domain,
  lookups: 0,
});
const dkim = (result: DkimResult["result"], domain: string): DkimResult => ({
  result,
  domain,
  selector: "s",
  signatureStart: "x",
  testing: false,
});
type Facts = Pick<Authentication, "spf" | "dkim" | "dmarc" | "iprev">;
const facts = (more: Partial<Facts>, author = ""): Facts => ({
  spf: [spf("none")],
  dkim: [],
  dmarc: { result: "none", authorDomain: author, requested: "none", spfAligned: false, dkimAligned: false },
  ...more,
});
const confirmed = (name: string): Partial<Facts> => ({
  iprev: { result: "pass", name: parseDomain(name) as Domain },
});

/** A notice: the null sender, from a client that says HELO mx.b.test. RFC 7208 §2.4 */
const NOTICES: readonly { name: string; facts: Facts; want: string; zone?: readonly ZoneEntry[] }[] = [
  { name: "SPF of the HELO name", facts: facts({ spf: [spf("pass")] }), want: "proven" },
  { name: "no SPF, but the address points to the name", facts: facts(confirmed(HELO)), want: "proven" },
  { name: "the address points elsewhere", facts: facts(confirmed("mx.c.test")), want: "unproven" },
  {
    name: "SPF says no, whatever the address points to",
    facts: facts({ spf: [spf("fail")], ...confirmed(HELO) }),
    want: "unproven",
  },
  { name: "nothing", facts: facts({}), want: "unproven" },
  {
    name: "no name: an address literal",
    facts: facts({ spf: [spf("none", "")], ...confirmed(HELO) }),
    want: "unproven",
  },
  {
    name: "a signature of the HELO name's domain",
    facts: facts({ dkim: [dkim("pass", "b.test")] }),
    want: "proven",
  },
  {
    name: "a signature of the author's domain",
    facts: facts({ dkim: [dkim("pass", "a.test")] }, "a.test"),
    want: "proven",
  },
  {
    name: "a signature of somebody else",
    facts: facts({ dkim: [dkim("pass", "c.test")] }, "a.test"),
    want: "unproven",
  },
  {
    name: "a broken signature of the author's",
    facts: facts({ dkim: [dkim("fail", "a.test")] }, "a.test"),
    want: "unproven",
  },
  { name: "the DNS does not say: SPF", facts: facts({ spf: [spf("temperror")] }), want: "unknown" },
  {
    name: "the DNS does not say: reverse",
    facts: facts({ iprev: { result: "temperror" } }),
    want: "unknown",
  },
  {
    name: "the DNS does not say, but it is signed",
    facts: facts({ spf: [spf("temperror")], dkim: [dkim("pass", "b.test")] }),
    want: "proven",
  },
];
for (const { name, facts: given, want, zone = [] } of NOTICES)
  test(`a notice may go on: ${name}`, async () =>
    assert.equal(await senderProof(null, given, zoneDns(zone)), want));

const address = (text: string): EnvelopeAddress => {
  const parsed = parseMailbox(text);
  return parsed.ok ? parsed.value : assert.fail(text);
};

// Rules of a fresh server refuse a notice to several before; whoever takes them out must not lose the part that ends.
test("a notice that has been here before is refused as a whole, any other mail in part", () => {
  const forwarding = new Forwarding(Buffer.alloc(32, 1), new ManualClock(), {} as never);
  const octets = Buffer.from("Delivered-To: info@ours.test\r\n\r\n");
  const recipients = [
    { to: "info@ours.test", accounts: [], remote: ["x@far.test"] },
    { to: "bob@ours.test", accounts: [1], remote: [] },
  ].map(({ to, accounts, remote }) => ({
    recipient: { to: address(to) },
    resolution: { kind: "local", accounts, remote },
  })) as unknown as Parameters<typeof judgeForwards>[2];
  const judged = (from: EnvelopeAddress | null) =>
    judgeForwards(
      forwarding,
      { session: {}, mail: { from, recipients: [] }, octets } as unknown as Incoming,
      recipients,
      "proven",
    );
  const notice = judged(null);
  assert.equal(notice.ok ? "taken" : notice.error.enhanced, "5.4.6");
  assert.equal(judged(address("anna@far.test")).ok, true);
});
