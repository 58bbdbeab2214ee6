import assert from "node:assert/strict";
import { test } from "node:test";
import { startDnsServer } from "../../../test/simulate/dns-server.ts";
import { zoneDns, type ZoneEntry } from "../../../test/authentication/spf-zone.ts";
import { parseIp, type IpAddress } from "../../base/ip.ts";
import type { Dns } from "../../dns/answer.ts";
import { dnsClient } from "../../dns/client.ts";
import type { SpfResult } from "../results.ts";
import { checkHelo, checkHost, type SpfQuestion } from "./verify.ts";

const QUESTION: SpfQuestion = {
  client: parseIp("192.0.2.1") as IpAddress,
  heloName: "mail.example.org",
  from: { localPart: "anna", domain: "example.com" },
  receiver: "mx.wachpost.test",
  now_ms: 1_700_000_000_000,
};
const record = (text: string, name = "example.com"): ZoneEntry => [name, "TXT", text];

async function check(zone: readonly ZoneEntry[], change: Partial<SpfQuestion> = {}): Promise<SpfResult> {
  return checkHost({ ...QUESTION, ...change }, zoneDns(zone));
}

test("a result names the domain, the term that decided and the cost", async () => {
  const table: { zone: ZoneEntry[]; want: Partial<SpfResult> }[] = [
    {
      zone: [record("v=spf1 ip4:192.0.2.0/24 -all")],
      want: { result: "pass", mechanism: "ip4:192.0.2.0/24", lookups: 0 },
    },
    { zone: [record("v=spf1 a -all")], want: { result: "fail", mechanism: "-all", lookups: 1 } },
    { zone: [record("v=spf1 ip4:192.0.2.0")], want: { result: "neutral", lookups: 0 } },
    { zone: [], want: { result: "none", problem: "no-record", lookups: 0 } },
    {
      zone: [record("v=spf1 moo")],
      want: { result: "permerror", problem: "syntax", mechanism: "moo", lookups: 0 },
    },
    {
      zone: [record("v=spf1 -all"), record("v=spf1 +all")],
      want: { result: "permerror", problem: "several-records", lookups: 0 },
    },
    {
      zone: [
        record("v=spf1 include:_spf.example.com ~all"),
        record("v=spf1 ip4:192.0.2.1", "_spf.example.com"),
      ],
      want: { result: "pass", mechanism: "include:_spf.example.com", lookups: 1 },
    },
    {
      zone: [record("v=spf1 redirect=_spf.example.com"), record("v=spf1 ?ip4:192.0.2.1", "_spf.example.com")],
      want: { result: "neutral", mechanism: "?ip4:192.0.2.1", lookups: 1 },
    },
    {
      zone: [record("v=spf1 a:slow.example.com -all"), ["slow.example.com", "TIMEOUT", null]],
      want: { result: "temperror", problem: "timeout", lookups: 1 },
    },
    {
      zone: [record("v=spf1 include:gone.example.com -all")],
      want: { result: "permerror", problem: "no-record", mechanism: "include:gone.example.com", lookups: 1 },
    },
    {
      zone: [record("v=spf1 redirect=gone.example.com")],
      want: { result: "permerror", problem: "no-record", mechanism: "redirect=gone.example.com", lookups: 1 },
    },
    // `all` comes first wherever it stands. RFC 7208 §5.1
    {
      zone: [record("v=spf1 redirect=a.example.com ~all")],
      want: { result: "softfail", mechanism: "~all", lookups: 0 },
    },
  ];
  for (const { zone, want } of table) {
    assert.deepEqual(await check(zone), { identity: "mailfrom", domain: "example.com", ...want });
  }
});

test("a mapped address written as ip6 meets no client, and a mapped client is an IPv4 one (RFC 7208 §5)", async () => {
  const client = parseIp("::ffff:192.0.2.1") as IpAddress;
  assert.equal((await check([record("v=spf1 ip6:::ffff:192.0.2.1 -all")], { client })).result, "fail");
  assert.equal((await check([record("v=spf1 ip6:::/0 -all")], { client })).result, "fail");
  assert.equal((await check([record("v=spf1 ip4:192.0.2.1 -all")], { client })).result, "pass");
});

test("whose policy is asked", async () => {
  const zone = [
    record("v=spf1 -all exp=why.example.com"),
    record("v=spf1 -all exp=why.example.com", "mail.example.org"),
    record("%{l} at %{o}", "why.example.com"),
  ];
  const table: { from: SpfQuestion["from"]; want: [string, string?] }[] = [
    { from: { localPart: "anna", domain: "EXAMPLE.com" }, want: ["example.com", "anna at example.com"] },
    { from: { localPart: "", domain: "example.com" }, want: ["example.com", "postmaster at example.com"] },
    { from: null, want: ["mail.example.org", "postmaster at mail.example.org"] },
    { from: { localPart: "anna", domain: "bücher.example" }, want: ["xn--bcher-kva.example"] },
    { from: { localPart: "anna", domain: "[192.0.2.1]" }, want: [""] },
    { from: { localPart: "anna", domain: "localhost" }, want: ["localhost"] },
    { from: { localPart: "anna", domain: "a\0.example.com" }, want: [""] },
  ];
  for (const { from, want } of table) {
    const got = await check(zone, { from });
    assert.deepEqual([got.identity, got.domain, got.explanation], ["mailfrom", want[0], want[1]]);
  }
});

test("HELO by itself", async () => {
  const dns = zoneDns([record("v=spf1 a -all", "mail.example.org"), ["mail.example.org", "A", "192.0.2.1"]]);
  assert.deepEqual(await checkHelo(QUESTION, dns), {
    result: "pass",
    identity: "helo",
    domain: "mail.example.org",
    mechanism: "a",
    lookups: 1,
  });
  for (const heloName of ["[192.0.2.1]", "localhost", "", "a b", "x".repeat(5_000)]) {
    const got = await checkHelo({ ...QUESTION, heloName }, dns);
    assert.deepEqual([got.result, got.problem], ["none", "domain"], heloName.slice(0, 20));
  }
});

test("eleven terms, three void answers, eleven hosts", async () => {
  const many = (count: number, of: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => of(i)).join(" ");
  const other: ZoneEntry = ["other.example.com", "A", "192.0.2.99"];
  const mx = (count: number): ZoneEntry[] =>
    Array.from({ length: count }, (_, i) => ["example.com", "MX", [i, "other.example.com"]]);
  const table: { name: string; zone: ZoneEntry[]; want: [SpfResult["result"], string?] }[] = [
    {
      name: "10 terms",
      zone: [record(`v=spf1 ${many(10, () => "a:other.example.com")} -all`), other],
      want: ["fail"],
    },
    {
      name: "11 terms",
      zone: [record(`v=spf1 ${many(11, () => "a:other.example.com")} -all`), other],
      want: ["permerror", "lookup-limit"],
    },
    {
      name: "2 void",
      zone: [record(`v=spf1 ${many(2, (i) => `a:x${i}.example.com`)} -all`)],
      want: ["fail"],
    },
    {
      name: "3 void",
      zone: [record(`v=spf1 ${many(3, (i) => `exists:x${i}.example.com`)} -all`)],
      want: ["permerror", "void-limit"],
    },
    { name: "10 hosts", zone: [record("v=spf1 mx -all"), other, ...mx(10)], want: ["fail"] },
    { name: "11 hosts", zone: [record("v=spf1 mx -all"), other, ...mx(11)], want: ["permerror", "mx-limit"] },
    {
      name: "%{p} is a term",
      zone: [
        record(`v=spf1 ${many(6, () => "?exists:%{p}.example.com")} -all`),
        ["unknown.example.com", "A", "127.0.0.2"],
      ],
      want: ["neutral"],
    },
    {
      name: "%{p} counts",
      zone: [
        record(`v=spf1 ${many(6, () => "a:%{p}.example.com")} -all`),
        ["unknown.example.com", "A", "192.0.2.99"],
      ],
      want: ["permerror", "lookup-limit"],
    },
  ];
  for (const { name, zone, want } of table) {
    const got = await check(zone);
    assert.deepEqual([got.result, got.problem], [want[0], want[1]], name);
    assert.ok(got.lookups <= 10);
  }
});

test("circles of includes, redirects and aliases end", async () => {
  const asked: string[] = [];
  const table: { zone: ZoneEntry[]; want: [SpfResult["result"], string] }[] = [
    { zone: [record("v=spf1 include:example.com -all")], want: ["permerror", "lookup-limit"] },
    { zone: [record("v=spf1 redirect=example.com")], want: ["permerror", "lookup-limit"] },
    {
      zone: [
        record("v=spf1 include:%{d}.example.com ?include:%{d} -all"),
        record("v=spf1 include:example.com", "example.com.example.com"),
      ],
      want: ["permerror", "lookup-limit"],
    },
    {
      zone: [
        ["example.com", "CNAME", "example.org"],
        ["example.org", "CNAME", "example.com"],
      ],
      want: ["temperror", "dns-alias-loop"],
    },
    {
      zone: [record("v=spf1 a:x.example.com -all"), ["x.example.com", "CNAME", "x.example.com"]],
      want: ["temperror", "dns-alias-loop"],
    },
  ];
  for (const { zone, want } of table) {
    const got = await checkHost(QUESTION, zoneDns(zone, asked));
    assert.deepEqual([got.result, got.problem], want);
  }
  assert.ok(asked.length < 60, `${asked.length} questions`);
});

test("explanations: only for a fail, from one text, printable and short", async () => {
  const words = async (
    text: string | null,
    recordText = "v=spf1 -all exp=why.example.com",
  ): Promise<string | undefined> =>
    (await check([record(recordText), ...(text === null ? [] : [record(text, "why.example.com")])]))
      .explanation;
  assert.equal(await words("No %{c} at %{r}, %{t}%%"), "No 192.0.2.1 at mx.wachpost.test, 1700000000%");
  assert.equal(await words("No.", "v=spf1 ~all exp=why.example.com"), undefined);
  assert.equal(await words(null), undefined);
  assert.equal(await words("a\r\n250 ok"), undefined);
  assert.equal(await words("\xe9"), undefined);
  assert.equal(await words("%{x}"), undefined);
  assert.equal((await words("x".repeat(5_000)))?.length, 255);
  assert.equal(await words("x".repeat(64_000)), undefined);
  const asked: string[] = [];
  const loop = [record("v=spf1 -all exp=example.com")];
  assert.equal((await checkHost(QUESTION, zoneDns(loop, asked))).explanation, "v=spf1 -all exp=example.com");
  assert.equal(asked.length, 2);
  const hostile = await checkHost(
    { ...QUESTION, heloName: "a\r\n250 ok\0é" },
    zoneDns([record("v=spf1 -all exp=why.example.com"), record("%{h}", "why.example.com")]),
  );
  assert.equal(hostile.explanation, "a??250 ok??");
});

test("names that no zone can hold are never asked for", async () => {
  const hostile = ["a\0b", "a\r\nb", "é", "x".repeat(64), "a..b", "", "\x7f"];
  for (const localPart of hostile) {
    const asked: string[] = [];
    const zone = [record("v=spf1 exists:%{l}.example.com ptr:%{l}.example.com mx:%{l}.example.com -all")];
    const got = await checkHost(
      { ...QUESTION, from: { localPart, domain: "example.com" } },
      zoneDns(zone, asked),
    );
    if (localPart !== "") assert.equal(got.result, "fail");
    for (const question of asked) assert.match(question, /^[!-~]{1,253} [A-Z]+$/);
  }
});

test("a local part may be part of a name", async () => {
  const zone = [
    record("v=spf1 exists:%{l}._spf.example.com -all"),
    ["bounces+7=anna._spf.example.com", "A", "127.0.0.2"] as ZoneEntry,
  ];
  assert.equal(
    (await check(zone, { from: { localPart: "Bounces+7=anna", domain: "example.com" } })).result,
    "pass",
  );
});

test("the end of the time is a temperror, never a decision", async () => {
  const base = zoneDns([record("v=spf1 ptr -all")]);
  const silent: Dns = {
    query: (name, type, signal) => (type === "TXT" ? base.query(name, type, signal) : new Promise(() => {})),
  };
  const throwing: Dns = {
    query: (_name, _type, signal) =>
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("gone")))),
  };
  for (const dns of [silent, throwing]) {
    const abort = new AbortController();
    const pending = checkHost(QUESTION, dns, abort.signal);
    setTimeout(() => abort.abort(), 10);
    const got = await pending;
    assert.deepEqual([got.result, got.problem], ["temperror", "timeout"]);
  }
  assert.equal((await checkHost(QUESTION, base, AbortSignal.abort())).result, "temperror");
});

test("over the wire: long texts, odd names, silence", async () => {
  const terms = "ip4:198.51.100.1 ".repeat(120);
  const server = await startDnsServer({
    zone: [
      `example.com TXT v=spf1 ${terms}exists:%{l}._spf.example.com -all`,
      "a+b=c._spf.example.com A 127.0.0.2",
      `huge.example.com TXT v=spf1 ${"ip4:198.51.100.1 ".repeat(3_700)}-all`,
      "silent.example.com TIMEOUT",
      "broken.example.com SERVFAIL",
    ].join("\n"),
  });
  try {
    const dns = dnsClient([{ address: "127.0.0.1", port: server.port }]);
    const ask = (localPart: string, domain: string, signal?: AbortSignal): Promise<SpfResult> =>
      checkHost({ ...QUESTION, from: { localPart, domain } }, dns, signal);
    assert.equal((await ask("a+b=c", "example.com")).result, "pass");
    assert.equal((await ask("a+b=d", "example.com")).result, "fail");
    const huge = await ask("a", "huge.example.com");
    assert.ok(huge.result === "permerror" || huge.result === "temperror", huge.result);
    assert.deepEqual((await ask("a", "broken.example.com")).problem, "dns-servfail");
    const abort = new AbortController();
    const pending = ask("a", "silent.example.com", abort.signal);
    setTimeout(() => abort.abort(), 20);
    assert.equal((await pending).problem, "timeout");
  } finally {
    server.close();
  }
});
