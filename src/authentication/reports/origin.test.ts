import assert from "node:assert/strict";
import { test } from "node:test";
import type { Dns } from "../../dns/answer.ts";
import { isSameOrganization } from "./destination.ts";
import { namesReporter, originOfReport, type SameOrganization } from "./origin.ts";

const OURS = "Authentication-Results: mail.a.test";
const RECEIVED = "Received: from x by mail.a.test with ESMTP id 1; Tue, 24 Nov 2026 10:00:00 +0000";
const PASS = `${OURS}; dmarc=pass header.from=b.test`;
const originOf = (...lines: string[]) =>
  originOfReport(Buffer.from(`${lines.join("\r\n")}\r\n\r\nbody\r\n`), "mail.a.test");

const CASES: readonly { name: string; lines: string[]; want: string }[] = [
  { name: "DMARC passed", lines: ["Return-Path: <x@b.test>", PASS, RECEIVED], want: "b.test" },
  { name: "our name in capitals", lines: [PASS.replace("mail.a", "MAIL.A"), RECEIVED], want: "b.test" },
  { name: "folded", lines: [`${OURS};\r\n\tdmarc=pass\r\n\theader.from=b.test`, RECEIVED], want: "b.test" },
  { name: "an operator's field above ours", lines: ["X-Note: hello", PASS, RECEIVED], want: "b.test" },
  {
    name: "made here, with no Received",
    lines: [`${OURS}; dkim=pass header.d=a.test; dmarc=none header.from=a.test`],
    want: "a.test",
  },
  {
    name: "no policy, DKIM of the domain",
    lines: [`${OURS}; dkim=pass header.d=b.test; dmarc=none header.from=b.test`, RECEIVED],
    want: "b.test",
  },
  {
    name: "no policy, DKIM of the domain above",
    lines: [`${OURS}; dkim=pass header.d=b.test; dmarc=none header.from=reports.b.test`, RECEIVED],
    want: "reports.b.test",
  },
  {
    // Whoever has a name below is not the domain: without any record nobody can tell b.test from co.uk.
    name: "no policy, DKIM of a name below",
    lines: [`${OURS}; dkim=pass header.d=mail.b.test; dmarc=none header.from=b.test`, RECEIVED],
    want: "dmarc b.test",
  },
  {
    name: "no policy, a customer of a public suffix speaks for the suffix",
    lines: [`${OURS}; dkim=pass header.d=evil.co.uk; dmarc=none header.from=co.uk`, RECEIVED],
    want: "dmarc co.uk",
  },
  {
    name: "no policy, SPF of a customer for the suffix",
    lines: [`${OURS}; spf=pass smtp.mailfrom=x@evil.co.uk; dmarc=none header.from=co.uk`, RECEIVED],
    want: "dmarc co.uk",
  },
  {
    name: "no policy, a neighbour under a suffix",
    lines: [`${OURS}; dkim=pass header.d=a.github.io; dmarc=none header.from=b.github.io`, RECEIVED],
    want: "dmarc b.github.io",
  },
  {
    name: "no policy, SPF of the domain",
    lines: [`${OURS}; spf=pass smtp.mailfrom=b.test; dmarc=none header.from=b.test`, RECEIVED],
    want: "b.test",
  },
  {
    name: "no policy, SPF of HELO only",
    lines: [`${OURS}; spf=pass smtp.helo=b.test; dmarc=none header.from=b.test`, RECEIVED],
    want: "dmarc b.test",
  },
  {
    name: "no policy, somebody else's DKIM",
    lines: [`${OURS}; dkim=pass header.d=evil.test; dmarc=none header.from=b.test`, RECEIVED],
    want: "dmarc b.test",
  },
  {
    name: "no policy, DKIM of a name that ends alike",
    lines: [`${OURS}; dkim=pass header.d=evilb.test; dmarc=none header.from=b.test`, RECEIVED],
    want: "dmarc b.test",
  },
  {
    name: "no policy, DKIM of a whole top level",
    lines: [`${OURS}; dkim=pass header.d=test; dmarc=none header.from=b.test`, RECEIVED],
    want: "dmarc b.test",
  },
  {
    name: "no policy, DKIM failed",
    lines: [`${OURS}; dkim=fail header.d=b.test; dmarc=none header.from=b.test`, RECEIVED],
    want: "dmarc b.test",
  },
  {
    name: "DMARC failed, DKIM of a related name passed",
    lines: [`${OURS}; dkim=pass header.d=mail.b.test; dmarc=fail header.from=b.test`, RECEIVED],
    want: "dmarc b.test",
  },
  {
    name: "believed for a forwarder's sake",
    lines: [`${OURS}; dmarc=fail reason="trusted_forwarder: x" header.from=b.test`, RECEIVED],
    want: "dmarc b.test",
  },
  { name: "no sender at all", lines: [`${OURS}; dmarc=permerror`, RECEIVED], want: "dmarc" },
  { name: "nobody judged it", lines: [RECEIVED, "From: x@b.test"], want: "no-results" },
  { name: "ours below a Received: it came with the mail", lines: [RECEIVED, PASS], want: "no-results" },
  {
    name: "another server's",
    lines: [PASS.replace("mail.a.test", "mail.evil.test"), RECEIVED],
    want: "no-results",
  },
  {
    name: "our name in a comment",
    lines: ["Authentication-Results: evil.test (mail.a.test); dmarc=pass header.from=b.test", RECEIVED],
    want: "no-results",
  },
  {
    name: "pass within a reason",
    lines: [`${OURS}; dmarc=fail reason="; dmarc=pass header.from=b.test" header.from=c.test`, RECEIVED],
    want: "dmarc c.test",
  },
  {
    name: "the first of two speaks",
    lines: [`${OURS}; dmarc=fail header.from=c.test`, PASS, RECEIVED],
    want: "dmarc c.test",
  },
];

for (const { name, lines, want } of CASES)
  test(`origin of a report: ${name}`, () => {
    const origin = originOf(...lines);
    const told = origin.kind === "proven" ? origin.domain : `${origin.why} ${origin.claimed ?? ""}`.trim();
    assert.equal(told, want);
  });

/** As the DNS says: yahoo.com has a policy that speaks for what is below it, b.test too; a suffix has none. */
const walked: SameOrganization = (one, other) =>
  isSameOrganization(one, other, POLICIES).then((same) => same === true);
const POLICIES: Dns = {
  query: (async (name: string) =>
    ["_dmarc.yahoo.com", "_dmarc.b.test"].includes(name)
      ? { kind: "records", records: ["v=DMARC1; p=reject"], ttl_s: 60, authenticated: false }
      : name === "_dmarc.github.io"
        ? { kind: "records", records: ["v=DMARC1; p=reject; psd=y"], ttl_s: 60, authenticated: false }
        : name.endsWith("silent.test")
          ? { kind: "failure", reason: "timeout" }
          : { kind: "nxdomain", ttl_s: 60, authenticated: false }) as Dns["query"],
};

const NAMED: readonly { sender: string; names: (string | undefined)[]; want: boolean }[] = [
  { sender: "google.com", names: ["noreply@google.com", "google.com"], want: true },
  { sender: "dmarc.yahoo.com", names: ["yahoo.com", "dmarchelp@yahooinc.com", "Yahoo"], want: true },
  { sender: "b.test", names: [undefined, "reports.b.test"], want: true },
  { sender: "evil.test", names: ["google.com", "noreply@google.com", "Google Inc."], want: false },
  { sender: "evil.test", names: ["test", "@", "", "a@b@"], want: false },
  { sender: "google.com.evil.test", names: ["google.com"], want: false },
  { sender: "evil.co.uk", names: ["co.uk", "noreply@co.uk"], want: false },
  { sender: "a.github.io", names: ["b.github.io"], want: false },
  { sender: "a.github.io", names: ["github.io"], want: false },
  { sender: "below.silent.test", names: ["silent.test"], want: false },
];
for (const { sender, names, want } of NAMED)
  test(`a report sent by ${sender} that names ${names.join(", ")}: ${want ? "its own" : "somebody else's"}`, async () =>
    assert.equal(await namesReporter(sender, names, walked), want));
