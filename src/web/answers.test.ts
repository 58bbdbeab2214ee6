import assert from "node:assert/strict";
import { test } from "node:test";
import { askedAddress, domainOfHost, parameter } from "./asked-domain.ts";
import { parseDomain } from "../base/domain-name.ts";
import { silentLog } from "../base/log.ts";
import { Counters, countedLog } from "./counters.ts";
import { WEB_LIMITS } from "./limits.ts";
import { openMetrics } from "./open-metrics.ts";
import { languageOf } from "./words/page.ts";

const addresses: readonly [input: string, domain: string | undefined][] = [
  ["you@example.org", "example.org"],
  ["you@EXAMPLE.org", "example.org"],
  ["ü@bücher.example", "xn--bcher-kva.example"],
  ["a@b@example.org", "example.org"],
  ["@example.org", undefined],
  ["example.org", undefined],
  ["you@", undefined],
  ["you@127.0.0.1", undefined],
  ["you@-.example", undefined],
  ["y ou@example.org", undefined],
  ["you\r\nX: y@example.org", undefined],
  ["you\u0000@example.org", undefined],
  ["<script>@example.org", undefined],
  [`${"x".repeat(250)}@example.org`, undefined],
];
for (const [input, domain] of addresses)
  test(`askedAddress: ${JSON.stringify(input).slice(0, 40)}`, () =>
    assert.equal(askedAddress(input)?.domain, domain));

test("domainOfHost: the host itself or what a well-known name stands before", () => {
  for (const [host, want] of [
    ["autoconfig.example.org", "example.org"],
    ["autodiscover.example.org", "example.org"],
    ["example.org", "example.org"],
    ["autoconfigs.example.org", "autoconfigs.example.org"],
  ] as const)
    assert.equal(domainOfHost(parseDomain(host)), want);
  assert.equal(domainOfHost(undefined), undefined);
});

test("parameter: whatever its case, the first of its name", () => {
  const query = new URLSearchParams("X=1&EMailAddress=a&emailaddress=b");
  assert.equal(parameter({ query }, "emailaddress"), "a");
  assert.equal(parameter({ query }, "email"), undefined);
});

const languages: readonly [header: string, want: string][] = [
  ["", "en"],
  ["de", "de"],
  ["de-AT,de;q=0.9,en;q=0.8", "de"],
  ["en-GB,en;q=0.9,de;q=0.8", "en"],
  ["fr,de;q=0.3", "de"],
  ["fr", "en"],
  ["de;q=0", "en"],
  ["de;q=x,en;q=0.1", "en"],
  [",;,=;q=q".repeat(200), "en"],
];
for (const [header, want] of languages)
  test(`languageOf: ${header.slice(0, 30)}`, () => assert.equal(languageOf(header), want));

test("openMetrics: types, labels with every awkward character, the end", () => {
  const text = openMetrics([
    { name: "a", type: "counter", help: "Of\nall.", samples: [{ labels: { x: 'q"b\\n\n' }, value: 3 }] },
    { name: "b", type: "gauge", help: "B", samples: [{ labels: {}, value: 0.5 }] },
    { name: "c", type: "gauge", help: "C", samples: [{ labels: {}, value: Number.NaN }] },
  ]);
  assert.equal(
    text,
    [
      "# TYPE a counter",
      "# HELP a Of\\nall.",
      'a_total{x="q\\"b\\\\n\\n"} 3',
      "# TYPE b gauge",
      "# HELP b B",
      "b 0.5",
      "# TYPE c gauge",
      "# HELP c C",
      "c NaN",
      "# EOF",
      "",
    ].join("\n"),
  );
});

test("counters: what is logged is counted, also through `with`, and series are bounded", () => {
  const counters = new Counters();
  const log = countedLog(silentLog, counters).with({ session: "x" });
  log.write("info", "login.failed", { protocol: "imap", reason: "wrong-password", login: "you@example.org" });
  log.write("info", "login.failed", { protocol: "imap", reason: "wrong-password" });
  log.write("error", "constructor", {});
  for (let i = 0; i < WEB_LIMITS.seriesPerCounter + 50; i++)
    log.write("info", "smtp.refused", { code: 550, reason: `reason-${i}` });
  const text = openMetrics(counters.families());
  assert.match(text, /^wachpost_logins_total\{protocol="imap",outcome="wrong-password"\} 2$/m);
  assert.match(text, /^wachpost_errors_total\{event="constructor"\} 1$/m);
  assert.match(text, /^wachpost_smtp_refusals_total\{class="other",reason="other"\} 50$/m);
  assert.doesNotMatch(text, /example\.org/);
});
