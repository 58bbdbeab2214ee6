import assert from "node:assert/strict";
import { test } from "node:test";
import { namesReporter, originOfReport } from "./origin.ts";

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
    lines: [`${OURS}; dkim=pass header.d=mail.b.test; dmarc=none header.from=b.test`, RECEIVED],
    want: "b.test",
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

test("a report names its sender by address, domain or a neighbour; words and other domains do not count", () => {
  assert.ok(namesReporter("google.com", ["noreply@google.com", "google.com"]));
  assert.ok(namesReporter("dmarc.yahoo.com", ["yahoo.com", "dmarchelp@yahooinc.com", "Yahoo"]));
  assert.ok(namesReporter("b.test", [undefined, "reports.b.test"]));
  assert.ok(!namesReporter("evil.test", ["google.com", "noreply@google.com", "Google Inc."]));
  assert.ok(!namesReporter("evil.test", ["test", "@", "", "a@b@"]));
  assert.ok(!namesReporter("google.com.evil.test", ["google.com"]));
});
