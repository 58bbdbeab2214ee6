/** DMARC over a DNS in memory: the examples of RFC 9989 §4.10, §5.1.8, Appendix B.4, and what forgers try. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { authorDomain } from "../../src/authentication/dmarc/author-domain.ts";
import { findOverride, type OverrideFacts } from "../../src/authentication/dmarc/override.ts";
import { parseDmarcRecord } from "../../src/authentication/dmarc/record.ts";
import { namesToAsk, organizationalDomain, TreeWalker } from "../../src/authentication/dmarc/tree-walk.ts";
import { Budget, timedDns } from "../../src/authentication/timed-dns.ts";
import { checkDmarc } from "../../src/authentication/dmarc/verify.ts";
import type { DkimResult, DmarcResult, SpfResult } from "../../src/authentication/results.ts";
import { parseDomain, type Domain } from "../../src/base/domain-name.ts";
import { parseCidr, parseIp, type Cidr, type IpAddress } from "../../src/base/ip.ts";
import type { Dns } from "../../src/dns/answer.ts";
import { knownDns, zoneDns, type ZoneEntry } from "./spf-zone.ts";

const domain = (text: string): Domain => {
  const parsed = parseDomain(text);
  assert.ok(parsed, text);
  return parsed;
};
const spf = (name: string, result: SpfResult["result"] = "pass"): SpfResult => ({
  result,
  identity: "mailfrom",
  domain: name,
  lookups: 1,
});
const dkim = (name: string, result: DkimResult["result"] = "pass"): DkimResult => ({
  result,
  domain: name,
  selector: "s",
  signatureStart: "abcdefgh",
  testing: false,
});
const record = (name: string, text: string): ZoneEntry => [`_dmarc.${name}`, "TXT", text];

const RECORDS: readonly (readonly [text: string, want: object | undefined])[] = [
  ["v=DMARC1; p=reject", { p: "reject", psd: "u", testing: false, adkim: "r", aspf: "r", applies: true }],
  [
    "v=DMARC1;p=quarantine;sp=none;np=reject;t=y;psd=n;adkim=s;aspf=s",
    { p: "quarantine", sp: "none", np: "reject", testing: true, psd: "n", adkim: "s", aspf: "s" },
  ],
  [" v=DMARC1; p=reject", undefined],
  ["v = DMARC1 ; P = Reject ;", { p: "reject" }],
  ["V=DMARC1; p=reject", { p: "reject" }],
  ["v=dmarc1; p=reject", undefined],
  ["v=DMARC10; p=reject", undefined],
  ["p=reject; v=DMARC1", undefined],
  ["v=spf1 -all", undefined],
  ["", undefined],
  ["v=DMARC1", { p: "none", assumedNone: true, applies: false }],
  ["v=DMARC1; psd=n", { psd: "n", applies: false }],
  ["v=DMARC1; p=block", { p: "none", applies: false }],
  ["v=DMARC1; p=block; rua=mailto:a@b.example", { p: "none", assumedNone: true, applies: true }],
  ["v=DMARC1; p=reject; sp=block; rua=mailto:a@b.example", { p: "none", assumedNone: true, applies: true }],
  ["v=DMARC1; p=reject; np=", { p: "none", applies: false }],
  ["v=DMARC1; p=reject; p=none", { p: "reject" }],
  [
    "v=DMARC1; rua=mailto:a@b.example!10m , mailto:c@d.example; p=none",
    { rua: ["mailto:a@b.example", "mailto:c@d.example"] },
  ],
  ["v=DMARC1; p=none; rua=a@b.example, https://b.example/r,mailto:x", { rua: ["https://b.example/r"] }],
  [
    "v=DMARC1; p=none; fo=1:d:s:x; ruf=mailto:a@b.example",
    { fo: ["1", "d", "s"], ruf: ["mailto:a@b.example"] },
  ],
  ["v=DMARC1; p=none; fo=zz", { fo: ["0"] }],
  ["v=DMARC1; pct=0; rf=afrf; ri=86400; x; =; y=1; p=reject", { p: "reject" }],
  [`v=DMARC1; p=reject; ${"x".repeat(5_000)}`, undefined],
];

for (const [text, want] of RECORDS) {
  test(`record ${JSON.stringify(text.slice(0, 70))}`, () => {
    const parsed = parseDmarcRecord(text);
    if (want === undefined) assert.equal(parsed, undefined);
    else assert.partialDeepStrictEqual(parsed, want);
  });
}

const AUTHORS: readonly (readonly [fields: readonly string[], want: string])[] = [
  [["a@example.com"], "example.com"],
  [["A <a@EXAMPLE.com>"], "example.com"],
  [["a@münchen.example"], "xn--mnchen-3ya.example"],
  [["<a@example.com>, b@example.com"], "example.com"],
  [["Team: a@example.com, b@example.com;"], "example.com"],
  [["a.b@c d. <a@example.com>"], "example.com"],
  [['"x@victim.example" <a@example.com>'], "example.com"],
  [["=?utf-8?q?x=40victim.example=3E?= <a@example.com>"], "example.com"],
  [[], "no-author"],
  [["a@example.com", "b@example.net"], "several-from-fields"],
  [["a@example.com", "a@example.com"], "several-from-fields"],
  [["a@example.com, b@example.net"], "several-authors"],
  [["<a@example.com> <b@example.net>"], "several-authors"],
  [["a@victim.example <b@example.com>, c"], "several-authors"],
  [["Undisclosed:;"], "bad-author"],
  [[""], "bad-author"],
  [["a"], "bad-author"],
  [["a@"], "bad-author"],
  [["a@[192.0.2.1]"], "bad-author"],
  [["a@victim.example b.evil.example"], "bad-author"],
  [["a@victim.example\0.evil.example"], "bad-author"],
  [["a@victim.example@evil.example"], "bad-author"],
  [["<a@victim.example@evil.example>"], "bad-author"],
  [["a@=?utf-8?q?victim.example?="], "bad-author"],
  [["a@exa_mple..com"], "bad-author"],
];

for (const [fields, want] of AUTHORS) {
  test(`author of ${JSON.stringify(fields)}`, () => {
    const author = authorDomain(fields);
    assert.equal(typeof author === "string" ? author : author.problem, want);
  });
}

const ZONE: readonly ZoneEntry[] = [
  record("example.com", "v=DMARC1; p=reject; sp=quarantine; np=none"),
  record("signing.example.com", "v=DMARC1; p=none"),
  record("team.example.com", "v=DMARC1; p=quarantine; psd=n"),
  record("strict.example", "v=DMARC1; p=reject; adkim=s; aspf=s"),
  record("testing.example", "v=DMARC1; p=reject; sp=quarantine; t=y"),
  record("twice.example", "v=DMARC1; p=reject"),
  record("twice.example", "v=DMARC1; p=none"),
  record("mixed.example", "google-site-verification=x"),
  record("mixed.example", "v=DMARC1; p=reject"),
  record("bank.example", "v=DMARC1; p=reject; psd=y; np=quarantine; sp=none"),
  record("giant.bank.example", "v=DMARC1; p=quarantine"),
  record("reports.example", "v=DMARC1; p=strange; rua=mailto:a@reports.example"),
  record("empty.example", "v=DMARC1;"),
  ["_dmarc.silent.example", "TIMEOUT", null],
  ["_dmarc.dark", "TIMEOUT", null],
  ["there.example.com", "A", "192.0.2.1"],
  ["onlymx.example.com", "MX", [10, "example.com"]],
  ["old.testing.example", "A", "192.0.2.1"],
];

test("names of the walk: RFC 9989 §4.10, §5.1.8, Appendix B.4.2", () => {
  const asked = (name: string): readonly string[] => namesToAsk(domain(name));
  assert.deepEqual(asked("a.b.c.d.e.f.g.h.i.j.mail.example.com"), [
    "a.b.c.d.e.f.g.h.i.j.mail.example.com",
    "g.h.i.j.mail.example.com",
    "h.i.j.mail.example.com",
    "i.j.mail.example.com",
    "j.mail.example.com",
    "mail.example.com",
    "example.com",
    "com",
  ]);
  assert.deepEqual(asked("mail.a.b.c.d.e.f.g.example.com").slice(0, 3), [
    "mail.a.b.c.d.e.f.g.example.com",
    "c.d.e.f.g.example.com",
    "d.e.f.g.example.com",
  ]);
  assert.deepEqual(asked("a.mail.example.com"), [
    "a.mail.example.com",
    "mail.example.com",
    "example.com",
    "com",
  ]);
  assert.deepEqual(asked("com"), ["com"]);
  for (let labels = 1; labels <= 60; labels++)
    assert.equal(
      asked(["a", ...Array.from({ length: labels - 1 }, () => "b")].join(".")).length,
      Math.min(labels, 8),
    );
});

const ORGANIZATIONS: readonly (readonly [name: string, want: string])[] = [
  ["example.com", "example.com"],
  ["signing.example.com", "example.com"],
  ["a.b.c.d.e.f.g.h.i.j.k.example.com", "example.com"],
  ["a.team.example.com", "team.example.com"],
  ["giant.bank.example", "giant.bank.example"],
  ["mail.giant.bank.example", "giant.bank.example"],
  ["mail.mega.bank.example", "mega.bank.example"],
  ["bank.example", "bank.example"],
  ["a.nothing.example", "a.nothing.example"],
];

for (const [name, want] of ORGANIZATIONS) {
  test(`organizational domain of ${name}`, async () => {
    for (const dns of [zoneDns(ZONE), timedDns(knownDns(ZONE), new Budget(1_000, undefined))])
      assert.equal(organizationalDomain(await new TreeWalker(dns).walk(domain(name))), want);
  });
}

type Case = {
  readonly name: string;
  readonly from: string;
  readonly spf?: readonly SpfResult[];
  readonly dkim?: readonly DkimResult[];
  readonly want: Partial<DmarcResult>;
};

const CASES: readonly Case[] = [
  {
    name: "B.4.1 both aligned",
    from: "a@example.com",
    spf: [spf("example.com")],
    dkim: [dkim("signing.example.com")],
    want: { result: "pass", spfAligned: true, dkimAligned: true, policyDomain: "example.com" },
  },
  {
    name: "B.4.2 deep",
    from: "a@a.b.c.d.e.f.g.h.i.j.k.example.com",
    spf: [spf("example.com")],
    want: { result: "pass", policyDomain: "example.com" },
  },
  {
    name: "B.4.3 spf aligned",
    from: "a@giant.bank.example",
    spf: [spf("mail.giant.bank.example")],
    dkim: [dkim("mail.mega.bank.example")],
    want: { result: "pass", spfAligned: true, dkimAligned: false, policyDomain: "giant.bank.example" },
  },
  {
    name: "B.4.3 another bank",
    from: "a@giant.bank.example",
    dkim: [dkim("mail.mega.bank.example")],
    want: { result: "fail", requested: "quarantine" },
  },
  {
    name: "table 1 relaxed",
    from: "a@news.example.com",
    dkim: [dkim("foo.example.com")],
    want: { result: "pass" },
  },
  {
    name: "table 1 none",
    from: "a@news.example.com",
    dkim: [dkim("foo.example.net")],
    want: { result: "fail", published: "none" },
  },
  {
    name: "nothing authenticated",
    from: "a@example.com",
    want: { result: "fail", requested: "reject", published: "reject" },
  },
  {
    name: "failed signature of the domain",
    from: "a@example.com",
    dkim: [dkim("example.com", "fail")],
    want: { result: "fail" },
  },
  {
    name: "helo does not count",
    from: "a@example.com",
    spf: [{ ...spf("example.com"), identity: "helo" }],
    want: { result: "fail" },
  },
  {
    name: "suffix of letters is no parent",
    from: "a@example.com",
    dkim: [dkim("evilexample.com")],
    want: { result: "fail" },
  },
  { name: "parent of the org domain", from: "a@example.com", dkim: [dkim("com")], want: { result: "fail" } },
  {
    name: "psd=n parts the tree",
    from: "a@example.com",
    dkim: [dkim("team.example.com")],
    want: { result: "fail" },
  },
  {
    name: "strict: subdomain (C-16)",
    from: "a@strict.example",
    dkim: [dkim("sub.strict.example")],
    spf: [spf("sub.strict.example")],
    want: { result: "fail", spfAligned: false, dkimAligned: false },
  },
  {
    name: "strict: same",
    from: "a@strict.example",
    dkim: [dkim("STRICT.example")],
    want: { result: "pass" },
  },
  {
    name: "sp for one that exists",
    from: "a@there.example.com",
    want: { result: "fail", requested: "quarantine" },
  },
  {
    name: "sp for one with MX only",
    from: "a@onlymx.example.com",
    want: { result: "fail", requested: "quarantine" },
  },
  {
    name: "np for one that does not",
    from: "a@gone.example.com",
    want: { result: "fail", requested: "none" },
  },
  {
    name: "own record beats sp",
    from: "a@signing.example.com",
    want: { result: "fail", requested: "none", policyDomain: "signing.example.com" },
  },
  {
    name: "t=y lowers reject",
    from: "a@testing.example",
    want: { result: "fail", published: "reject", requested: "quarantine" },
  },
  {
    name: "t=y lowers quarantine",
    from: "a@old.testing.example",
    want: { published: "quarantine", requested: "none" },
  },
  { name: "two records are none", from: "a@twice.example", want: { result: "none" } },
  { name: "other text beside", from: "a@mixed.example", want: { result: "fail", requested: "reject" } },
  {
    name: "public suffix speaks for a registered name",
    from: "a@mega.bank.example",
    want: { result: "fail", policyDomain: "bank.example", requested: "quarantine" },
  },
  {
    name: "no record",
    from: "a@nothing.example",
    want: { result: "none", organizationalDomain: "nothing.example" },
  },
  {
    name: "bad p with rua",
    from: "a@reports.example",
    want: { result: "fail", requested: "none", problem: "no-policy" },
  },
  {
    name: "nothing asked",
    from: "a@empty.example",
    dkim: [dkim("empty.example")],
    want: { result: "none", problem: "no-policy" },
  },
  {
    name: "no answer",
    from: "a@silent.example",
    dkim: [dkim("silent.example")],
    want: { result: "temperror", problem: "dns-failure" },
  },
  {
    name: "no answer, and nothing proven",
    from: "a@silent.example",
    dkim: [dkim("evil.example"), dkim("sub.silent.example")],
    want: { result: "temperror", problem: "policy-unknown", requested: "none" },
  },
  {
    name: "a top-level name that gives no answer hides nobody's record",
    from: "a@nothing.dark",
    want: { result: "temperror", problem: "dns-failure", requested: "none" },
  },
  {
    name: "own key server silent",
    from: "a@example.com",
    dkim: [dkim("example.com", "temperror")],
    want: { result: "temperror" },
  },
  {
    name: "a forger's silent key server is no doubt",
    from: "a@example.com",
    dkim: [dkim("evil.example", "temperror")],
    spf: [spf("evil.example", "temperror")],
    want: { result: "fail", requested: "reject" },
  },
  {
    name: "eleven foreign signatures first",
    from: "a@example.com",
    dkim: [...Array.from({ length: 11 }, (_, i) => dkim(`x${i}.example`)), dkim("mail.example.com")],
    want: { result: "pass" },
  },
];

for (const { name, from, want, ...identifiers } of CASES) {
  test(`dmarc: ${name}`, async () => {
    const question = { fromFields: [from], spf: identifiers.spf ?? [], dkim: identifiers.dkim ?? [] };
    const got = await checkDmarc(question, zoneDns(ZONE));
    assert.partialDeepStrictEqual(got, want);
    assert.deepEqual(await checkDmarc(question, knownDns(ZONE)), got, "with answers at hand");
  });
}

test("dmarc asks at most eight names for one domain, each once", async () => {
  const asked: string[] = [];
  const name = "a.b.c.d.e.f.g.h.i.j.k.example.com";
  const question = { fromFields: [`a@${name}`], spf: [spf(name)], dkim: [dkim(name), dkim("k.example.com")] };
  assert.equal((await checkDmarc(question, zoneDns(ZONE, asked))).result, "pass");
  assert.equal(asked.filter((line) => line.startsWith("_dmarc.")).length, 8);
  assert.equal(new Set(asked).size, asked.length);
});

test("a top-level name that does not answer leaves the own record in force, and only relaxed alignment in doubt", async () => {
  const zone: readonly ZoneEntry[] = [...ZONE, ["_dmarc.com", "TIMEOUT", null]];
  const ask = (identifiers: readonly DkimResult[]): Promise<DmarcResult> =>
    checkDmarc({ fromFields: ["a@example.com"], spf: [], dkim: identifiers }, zoneDns(zone));
  assert.equal((await ask([dkim("example.com")])).result, "pass");
  assert.equal((await ask([dkim("mail.example.com")])).result, "temperror");
  assert.equal((await ask([dkim("mail.example.net")])).result, "fail");
  assert.equal((await ask([])).result, "fail");
});

test("a part of the domain that gives no answer: what the domain above asks for holds, unless that very name is proven", async () => {
  const zone: readonly ZoneEntry[] = [
    ...ZONE,
    ["_dmarc.dead.strict.example", "TIMEOUT", null],
    ["_dmarc.dead.example.com", "TIMEOUT", null],
    ["_dmarc.dead.testing.example", "TIMEOUT", null],
  ];
  const ask = async (name: string, ...identifiers: readonly DkimResult[]): Promise<string> => {
    const { result, requested } = await checkDmarc(
      { fromFields: [`a@${name}`], spf: [], dkim: identifiers },
      zoneDns(zone),
    );
    return `${result} ${requested}`;
  };
  assert.equal(await ask("dead.strict.example"), "temperror reject");
  assert.equal(await ask("below.dead.strict.example"), "temperror reject");
  assert.equal(await ask("dead.example.com"), "temperror quarantine");
  assert.equal(await ask("dead.testing.example"), "temperror none");
  assert.equal(await ask("dead.strict.example", dkim("evil.example")), "temperror reject");
  assert.equal(await ask("dead.strict.example", dkim("dead.strict.example")), "temperror none");
  assert.equal(await ask("silent.example"), "temperror none");
});

test("what the resolver knows is known also when the time is over", async () => {
  using over = new Budget(-1, undefined);
  const answer = {
    kind: "records",
    records: ["v=DMARC1; p=reject"],
    ttl_s: 60,
    authenticated: false,
  } as const;
  const dns = { query: () => assert.fail("asked"), known: () => answer } as unknown as Dns;
  assert.equal(timedDns(dns, over).query(domain("_dmarc.example.com"), "TXT"), answer);
});

test("the walk stops where a record says psd=", async () => {
  const asked: string[] = [];
  await new TreeWalker(zoneDns(ZONE, asked)).walk(domain("mail.giant.bank.example"));
  assert.deepEqual(asked, [
    "_dmarc.mail.giant.bank.example TXT",
    "_dmarc.giant.bank.example TXT",
    "_dmarc.bank.example TXT",
  ]);
});

test("it stops there also where every answer is at hand", () => {
  const asked: string[] = [];
  const kept = {
    query(name: string) {
      asked.push(name);
      return name === "_dmarc.bank.example"
        ? { kind: "records", records: ["v=DMARC1; p=reject; psd=n"], ttl_s: 60, authenticated: false }
        : { kind: "nxdomain", ttl_s: 60, authenticated: false };
    },
  } as unknown as ConstructorParameters<typeof TreeWalker>[0];
  const walk = new TreeWalker(kept).walk(domain("mail.bank.example"));
  assert.ok(!(walk instanceof Promise), "nobody has to wait");
  assert.equal(organizationalDomain(walk), "bank.example");
  assert.deepEqual(asked, ["_dmarc.mail.bank.example", "_dmarc.bank.example"]);
});

test("dmarc ends with its signal", async () => {
  const silent: Dns = { query: () => new Promise(() => {}) };
  const stop = new AbortController();
  const result = checkDmarc({ fromFields: ["a@example.com"], spf: [], dkim: [] }, silent, stop.signal);
  stop.abort();
  assert.equal((await result).result, "temperror");
});

const FAILED: DmarcResult = {
  result: "fail",
  authorDomain: "example.com",
  requested: "reject",
  published: "reject",
  spfAligned: false,
  dkimAligned: false,
};
const FACTS: OverrideFacts = {
  dmarc: FAILED,
  arc: { result: "pass", instances: 2, sealer: "lists.example" },
  client: parseIp("192.0.2.9") as IpAddress,
  clientName: domain("out.forward.example"),
  isFromList: true,
  arrivedWith: "pass",
};
const NOBODY = { networks: [], names: [], sealers: [] };
const SEALER = { ...NOBODY, sealers: [domain("lists.example")] };
const OVERRIDES: readonly (readonly [
  name: string,
  facts: Partial<OverrideFacts>,
  trusted: typeof NOBODY | object,
  want: string | undefined,
])[] = [
  ["nobody is trusted", {}, NOBODY, undefined],
  ["network", {}, { networks: [parseCidr("192.0.2.0/24") as Cidr] }, "trusted_forwarder"],
  ["name", {}, { names: [domain("forward.example")] }, "trusted_forwarder"],
  ["letters are no parent", {}, { names: [domain("ward.example")] }, undefined],
  ["list with a trusted seal", {}, SEALER, "mailing_list"],
  ["forward with a trusted seal", { isFromList: false }, SEALER, "local_policy"],
  ["chain broken", { arc: { result: "fail", instances: 2, sealer: "lists.example" } }, SEALER, undefined],
  ["failed already at the list", { arrivedWith: "fail" }, SEALER, undefined],
  ["unknown on arrival", { arrivedWith: "none" }, SEALER, undefined],
  ["another sealer", {}, { sealers: [domain("evil.example")] }, undefined],
  ["passed anyway", { dmarc: { ...FAILED, result: "pass" } }, SEALER, undefined],
  [
    "in doubt: what the seal vouches for is not",
    { dmarc: { ...FAILED, result: "temperror" } },
    SEALER,
    "mailing_list",
  ],
  [
    "only testing",
    { dmarc: { ...FAILED, requested: "none", published: "quarantine" } },
    SEALER,
    "policy_test_mode",
  ],
];

for (const [name, facts, trusted, want] of OVERRIDES) {
  test(`override: ${name}`, () => {
    assert.equal(findOverride({ ...FACTS, ...facts }, { ...NOBODY, ...trusted })?.type, want);
  });
}
