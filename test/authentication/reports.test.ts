/** Reports of others: real ones of the corpus, and those meant to hurt. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { crc32, createGzip, deflateRawSync, gzipSync } from "node:zlib";
import {
  aggregateFileName,
  buildAggregateXml,
  packAggregate,
} from "../../src/authentication/reports/aggregate-build.ts";
import { buildAggregateMail } from "../../src/authentication/reports/aggregate-mail.ts";
import { parseAggregate, type ParsedAggregate } from "../../src/authentication/reports/aggregate-parse.ts";
import { AGGREGATE_NAMESPACE, type AggregateReport } from "../../src/authentication/reports/aggregate.ts";
import { parseFeedbackReport, type FeedbackReport } from "../../src/authentication/reports/arf.ts";
import { attachedReport } from "../../src/authentication/reports/attachment.ts";
import { checkDestination } from "../../src/authentication/reports/destination.ts";
import { REPORT_LIMITS } from "../../src/authentication/reports/limits.ts";
import { reportSubject } from "../../src/authentication/reports/subject.ts";
import { adviseDomain, raisedRecord } from "../../src/authentication/reports/advice.ts";
import { summarise } from "../../src/authentication/reports/summary.ts";
import {
  buildTlsReportJson,
  buildTlsReportMail,
  tlsReportFileName,
} from "../../src/authentication/reports/tlsrpt-build.ts";
import { parseTlsReport } from "../../src/authentication/reports/tlsrpt-parse.ts";
import type { TlsReport } from "../../src/authentication/reports/tlsrpt.ts";
import { unpackReport } from "../../src/authentication/reports/unpack.ts";
import { parseDomain, type Domain } from "../../src/base/domain-name.ts";
import { findField } from "../../src/message/header.ts";
import { scan } from "../../src/message/mime.ts";
import { zoneDns, type ZoneEntry } from "./spf-zone.ts";

const CORPUS = join(dirname(fileURLToPath(import.meta.url)), "../corpora/reports");
const file = (name: string): Buffer => readFileSync(join(CORPUS, name));

function aggregate(octets: Uint8Array): ParsedAggregate {
  const parsed = parseAggregate(octets);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

function attached(name: string): { readonly kind: string; readonly octets: Buffer } {
  const message = file(name);
  const found = attachedReport(message, scan(message));
  assert.ok(found.ok, JSON.stringify(found));
  return found.value;
}

const tls = (octets: Uint8Array): TlsReport => {
  const parsed = parseTlsReport(octets);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
};

const feedback = (name: string): FeedbackReport => {
  const message = file(`arf/${name}`);
  const parsed = parseFeedbackReport(message, scan(message));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
};

test("RFC 9990 Appendix B", () => {
  const { report, namespace, skipped } = aggregate(file("dmarc/004.xml"));
  assert.equal(namespace, AGGREGATE_NAMESPACE);
  assert.equal(skipped, 0);
  assert.deepEqual(report, {
    metadata: {
      organization: "Sample Reporter",
      email: "report_sender@example-reporter.com",
      contact: "...",
      reportId: "3v98abbp8ya9n3va8yr8oa3ya",
      begin_s: 302832000,
      end_s: 302918399,
      errors: [],
      generator: "Example DMARC Aggregate Reporter v1.2",
    },
    policy: {
      domain: "example.com",
      p: "quarantine",
      sp: "none",
      np: "none",
      testing: false,
      discovery: "treewalk",
    },
    records: [
      {
        source: "192.0.2.123",
        count: 123,
        disposition: "pass",
        dkim: "pass",
        spf: "fail",
        reasons: [],
        headerFrom: "example.com",
        envelopeFrom: "example.com",
        signatures: [{ domain: "example.com", selector: "abc123", result: "pass" }],
        senders: [{ domain: "example.com", result: "fail" }],
      },
    ],
  });
});

for (const [name, organization, messages, records] of [
  ["001.xml", "Sample Reporter", 123, 1],
  ["002.xml", "google.com", 2, 1],
  ["003.xml", "Fastmail Pty Ltd", 9, 4],
  ["005.xml", "Legacy Reporter", 1, 1],
] as const) {
  test(`old report ${name}, and written anew it says the same`, () => {
    const { report, skipped } = aggregate(file(`dmarc/${name}`));
    assert.equal(report.metadata.organization, organization);
    assert.equal(report.records.length, records);
    assert.equal(skipped, 0);
    assert.equal(summarise([report]).messages, messages);
    assert.deepEqual(aggregate(Buffer.from(buildAggregateXml(report))).report, report);
  });
}

test("overrides of old reports keep their words", () => {
  assert.equal(aggregate(file("dmarc/003.xml")).report.records[0]?.reasons[0]?.type, "trusted_forwarder");
  assert.equal(aggregate(file("dmarc/005.xml")).report.records[0]?.reasons[0]?.type, "sampled_out");
});

for (const [name, organization] of [
  ["100.eml", "google.com"],
  ["101.eml", '"backschues.NET'],
  ["102.eml", "Mail.Ru"],
  ["103.eml", "Outlook.com"],
  ["104.eml", "AMAZON-SES"],
] as const) {
  test(`report in mail ${name}`, () => {
    const { kind, octets } = attached(`dmarc/${name}`);
    assert.equal(kind, "aggregate");
    const { report } = aggregate(octets);
    assert.equal(report.metadata.organization, organization);
    assert.equal(report.policy.domain, "stalw.art");
    assert.ok(report.records.length > 0);
  });
}

const REPORT: AggregateReport = aggregate(file("dmarc/004.xml")).report;
const mailbox = (localPart: string, name: string) => ({ kind: "mailbox", localPart, domain: name }) as const;

test("an aggregate report sent by mail comes back, named as RFC 9990 says", () => {
  const message = buildAggregateMail({
    report: REPORT,
    submitter: "mail.receiver.example",
    from: mailbox("dmarc", "receiver.example"),
    to: mailbox("reports", "example.com"),
    date: { epoch_ms: 1_700_000_000_000, zone_minutes: 0 },
    messageId: "<1@receiver.example>",
  });
  assert.equal(
    findField(message, "Subject"),
    "Report Domain: example.com Submitter: mail.receiver.example Report-ID: <3v98abbp8ya9n3va8yr8oa3ya>",
  );
  const outline = scan(message);
  assert.deepEqual(outline.root.parts[1]?.disposition?.parameters, [
    ["filename", "mail.receiver.example!example.com!302832000!302918399.xml.gz"],
  ]);
  const found = attachedReport(message, outline);
  assert.ok(found.ok);
  assert.deepEqual(aggregate(found.value.octets).report, REPORT);
});

test("names and subjects hold nothing that could break them", () => {
  assert.equal(aggregateFileName("x/../y!z", REPORT), "x..yz!example.com!302832000!302918399.xml.gz");
  assert.equal(
    reportSubject("d.example", "s.example", "a b<\r\n>@c"),
    "Report Domain: d.example Submitter: s.example Report-ID: <ab@c>",
  );
  assert.equal(reportSubject("d.example", "s.example", ""), "Report Domain: d.example Submitter: s.example");
});

test("who sends in our name", () => {
  const reports = ["002.xml", "003.xml", "004.xml", "005.xml"].map(
    (name) => aggregate(file(`dmarc/${name}`)).report,
  );
  const { sources, messages, passed, otherMessages } = summarise(reports);
  assert.deepEqual({ messages, passed, otherMessages }, { messages: 135, passed: 127, otherMessages: 0 });
  assert.deepEqual(sources[0], {
    source: "173.228.157.66",
    senderDomain: "jmap.bounce.topicbox.com",
    headerFrom: "stalw.art",
    messages: 4,
    passed: 0,
    spfPassed: 0,
    dkimPassed: 0,
    quarantined: 0,
    rejected: 0,
    overridden: 4,
  });
  assert.equal(sources.find(({ source }) => source === "192.0.2.1")?.quarantined, 1);
});

const DAY_S = 86_400;

/** Twenty days of reports: what passed and failed, by source. */
const reported = (
  policy: Partial<AggregateReport["policy"]>,
  rows: readonly (readonly [source: string, passed: number, failed: number])[],
  days = 20,
): AggregateReport[] => {
  const [like] = REPORT.records as [AggregateReport["records"][number]];
  const record = (source: string, count: number, dkim: "pass" | "fail") =>
    count === 0 ? [] : [{ ...like, source, count, dkim, spf: "fail" as const, reasons: [] }];
  const records = rows.flatMap(([source, passed, failed]) => [
    ...record(source, passed, "pass"),
    ...record(source, failed, "fail"),
  ]);
  const day = (n: number, some: typeof records): AggregateReport => ({
    ...REPORT,
    metadata: { ...REPORT.metadata, begin_s: n * DAY_S, end_s: (n + 1) * DAY_S - 1 },
    policy: { domain: "a.test", ...policy },
    records: some,
  });
  return Array.from({ length: days }, (_, n) => day(n, n === 0 ? records : []));
};

for (const { name, reports, want } of [
  {
    name: "only strangers fail",
    reports: reported({ p: "none" }, [
      ["192.0.2.1", 50, 0],
      ["198.51.100.1", 0, 7],
    ]),
    want: ["ready", "quarantine", 0, 1],
  },
  {
    name: "one of ours fails with some",
    reports: reported({ p: "none" }, [
      ["192.0.2.1", 50, 2],
      ["198.51.100.1", 1, 7],
    ]),
    want: ["ours-fail", "quarantine", 1, 1],
  },
  {
    name: "quarantine goes on to reject",
    reports: reported({ p: "quarantine" }, [["192.0.2.1", 50, 0]]),
    want: ["ready", "reject", 0, 0],
  },
  {
    name: "a tested policy becomes a real one",
    reports: reported({ p: "reject", testing: true }, [["192.0.2.1", 50, 0]]),
    want: ["ready", "reject", 0, 0],
  },
  {
    name: "nothing is stricter",
    reports: reported({ p: "reject" }, [["192.0.2.1", 50, 0]]),
    want: ["strictest", undefined, 0, 0],
  },
  {
    name: "too few days",
    reports: reported({ p: "none" }, [["192.0.2.1", 50, 0]], 13),
    want: ["too-few", "quarantine", 0, 0],
  },
  {
    name: "too few messages",
    reports: reported({ p: "none" }, [["192.0.2.1", 19, 0]]),
    want: ["too-few", "quarantine", 0, 0],
  },
]) {
  test(`the next DMARC policy: ${name}`, () => {
    const { verdict, next, ours, unknown } = adviseDomain("a.test", reports);
    assert.deepEqual([verdict, next, ours.length, unknown.length], want);
  });
}

test("one report that claims a month tells of no more than its days", () => {
  const [one] = reported({ p: "none" }, [["192.0.2.1", 50, 0]], 1);
  assert.ok(one);
  const begin_s = one.metadata.begin_s;
  const month = { ...one, metadata: { ...one.metadata, end_s: begin_s + 30 * 86_400 } };
  assert.deepEqual(
    [adviseDomain("a.test", [month]).verdict, adviseDomain("a.test", [month]).days],
    ["too-few", 2],
  );
});

test("a record is raised in its p= alone, and no longer only tested", () => {
  assert.equal(
    raisedRecord("v=DMARC1; p=none; sp=reject; T = y;rua=mailto:a@a.test;", "quarantine"),
    "v=DMARC1; p=quarantine; sp=reject; rua=mailto:a@a.test",
  );
  assert.equal(raisedRecord("v=spf1 -all", "reject"), undefined);
});

test("a summary is bounded, its sums are not", () => {
  const records = Array.from({ length: REPORT_LIMITS.sourcesMax + 5 }, (_, i) => ({
    ...(REPORT.records[0] as AggregateReport["records"][number]),
    source: `10.0.${i >> 8}.${i & 255}`,
    count: 2,
  }));
  const { sources, otherMessages, messages } = summarise([{ ...REPORT, records }]);
  assert.equal(sources.length, REPORT_LIMITS.sourcesMax);
  assert.deepEqual([otherMessages, messages], [10, records.length * 2]);
});

type Member = {
  readonly name: string;
  readonly octets: Buffer;
  readonly method?: number;
  readonly flags?: number;
  readonly packed?: Buffer;
};

/** A zip file as the tests need it; what `packed` holds may lie. */
function zip(members: readonly Member[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, octets, method = 8, flags = 0, packed } of members) {
    const body = packed ?? (method === 8 ? deflateRawSync(octets) : octets);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(flags, 2);
    head.writeUInt16LE(method, 4);
    head.writeUInt32LE(crc32(octets), 10);
    head.writeUInt32LE(body.length, 14);
    head.writeUInt32LE(octets.length, 18);
    head.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([
      Buffer.from("PK\x03\x04", "latin1"),
      head,
      Buffer.from(name, "latin1"),
      body,
    ]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from("PK\x01\x02\x14\0", "latin1"), head, tail, Buffer.from(name, "latin1")]),
    );
    locals.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(
    directory.reduce((sum, entry) => sum + entry.length, 0),
    8,
  );
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, ...directory, Buffer.from("PK\x05\x06", "latin1"), end]);
}

/** Packed zeros, made in pieces: the gigabyte exists nowhere. */
async function packedZeros(octets: number): Promise<Buffer> {
  const stream = createGzip({ level: 1 });
  const pieces: Buffer[] = [];
  stream.on("data", (piece: Buffer) => pieces.push(piece));
  const block = Buffer.alloc(4 * 1024 * 1024);
  for (let left = octets; left > 0; left -= block.length)
    await new Promise<void>((resolve) => void stream.write(block, () => resolve()));
  await new Promise<void>((resolve) => stream.end(resolve));
  return Buffer.concat(pieces);
}

const XML = file("dmarc/004.xml");

const ARCHIVES: readonly (readonly [name: string, octets: () => Buffer, want: string])[] = [
  ["plain", () => XML, "ok"],
  ["gzip", () => gzipSync(XML), "ok"],
  ["zip, deflated", () => zip([{ name: "r.xml", octets: XML }]), "ok"],
  ["zip, stored", () => zip([{ name: "r.xml", octets: XML, method: 0 }]), "ok"],
  [
    "zip of a Macintosh",
    () =>
      zip([
        { name: "d/", octets: Buffer.alloc(0) },
        { name: "r.xml", octets: XML },
        { name: "__MACOSX/._r.xml", octets: Buffer.from("x") },
      ]),
    "ok",
  ],
  [
    "two members",
    () =>
      zip([
        { name: "a.xml", octets: XML },
        { name: "b.xml", octets: XML },
      ]),
    "several-members",
  ],
  [
    "thousand members",
    () => zip(Array.from({ length: 1_000 }, (_, i) => ({ name: `${i}.xml`, octets: XML }))),
    "several-members",
  ],
  ["no member", () => zip([]), "no-member"],
  ["encrypted", () => zip([{ name: "r.xml", octets: XML, flags: 1 }]), "encrypted"],
  ["unknown method", () => zip([{ name: "r.xml", octets: XML, method: 12 }]), "unknown-method"],
  [
    "wrong checksum",
    () => zip([{ name: "r.xml", octets: XML, method: 0, packed: Buffer.from("other") }]),
    "damaged",
  ],
  [
    "no deflate",
    () => zip([{ name: "r.xml", octets: XML, packed: Buffer.from("\xff\xff\xff\xff", "latin1") }]),
    "damaged",
  ],
  ["zip cut off", () => zip([{ name: "r.xml", octets: XML }]).subarray(0, 100), "damaged"],
  ["gzip cut off", () => gzipSync(XML).subarray(0, 60), "damaged"],
  ["gzip in gzip", () => gzipSync(gzipSync(XML)), "nested"],
  ["zip in zip", () => zip([{ name: "r.zip", octets: zip([{ name: "r.xml", octets: XML }]) }]), "nested"],
  [
    "zip stored in zip",
    () => zip([{ name: "r.zip", octets: zip([{ name: "r.xml", octets: XML }]), method: 0 }]),
    "nested",
  ],
  ["many octets", () => Buffer.alloc(REPORT_LIMITS.packedOctetsMax + 1, 0x20), "too-large"],
  ["ratio", () => gzipSync(Buffer.alloc(REPORT_LIMITS.unpackedAlways + 1)), "bomb"],
];

for (const [name, octets, want] of ARCHIVES) {
  test(`archive: ${name}`, () => {
    const unpacked = unpackReport(octets());
    assert.equal(unpacked.ok ? "ok" : unpacked.error, want);
    if (unpacked.ok) assert.deepEqual(unpacked.value, XML);
  });
}

test("a gigabyte in gzip and in zip", async () => {
  const packed = await packedZeros(1024 ** 3);
  assert.deepEqual(unpackReport(packed), { ok: false, error: "bomb" });
  const member = { name: "r.xml", octets: Buffer.alloc(0), packed: packed.subarray(10, -8) };
  assert.deepEqual(unpackReport(zip([member])), { ok: false, error: "bomb" });
});

const around = (inside: string): string =>
  `<feedback><report_metadata><report_id>1</report_id><date_range><begin>1</begin><end>2</end></date_range></report_metadata><policy_published><domain>d.example</domain></policy_published>${inside}</feedback>`;

const DOCUMENTS: readonly (readonly [name: string, text: () => string, want: string])[] = [
  ["smallest", () => around(""), "ok"],
  [
    "billion laughs",
    () => `<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>${around("&b;")}`,
    "xml-document-type",
  ],
  ["external entity", () => `<!DOCTYPE f SYSTEM "file:///etc/passwd">${around("")}`, "xml-document-type"],
  ["document type inside", () => around("<!DOCTYPE x>"), "xml-document-type"],
  ["unknown entity", () => around("<record>&nbsp;</record>"), "xml-entity"],
  ["character that is none", () => around("<record>&#0;</record>"), "xml-entity"],
  ["surrogate", () => around("<record>&#xD800;</record>"), "xml-entity"],
  ["deep", () => around("<a>".repeat(1_000_000)), "xml-depth"],
  ["wide", () => around(`<record>${"<dkim/>".repeat(1_000_000)}</record>`), "xml-elements"],
  ["million records", () => around("<record/>".repeat(1_000_000)), "too-many-records"],
  ["million attributes", () => around(`<record ${'a="b" '.repeat(1_000_000)}/>`), "ok"],
  ["million brackets", () => "<".repeat(1_000_000), "xml-syntax"],
  ["million comments", () => around("<!---->".repeat(1_000_000)), "ok"],
  ["open comments", () => around("<!--".repeat(250_000)), "xml-syntax"],
  ["open quote", () => around(`<record a="${"x".repeat(1_000_000)}`), "xml-syntax"],
  ["tags crossed", () => around("<record><row></record></row>"), "xml-syntax"],
  ["not closed", () => around("").slice(0, -3), "xml-syntax"],
  ["another root", () => "<html></html>", "not-a-report"],
  ["no policy", () => "<feedback></feedback>", "incomplete"],
  ["empty", () => "", "xml-syntax"],
  ["no XML", () => "{}", "xml-syntax"],
  ["bare ampersand", () => around("<record>a & b</record>"), "ok"],
  ["too large", () => " ".repeat(REPORT_LIMITS.unpackedOctetsMax + 1), "too-large"],
];

for (const [name, text, want] of DOCUMENTS) {
  test(`document: ${name}`, () => {
    const parsed = parseAggregate(Buffer.from(text()));
    assert.equal(parsed.ok ? "ok" : parsed.error, want);
  });
}

test("charsets, prefixes, CDATA and values that are none", () => {
  const record = (ip: string, count: string): string =>
    `<record><row><source_ip>${ip}</source_ip><count>${count}</count><policy_evaluated><disposition>REJECT</disposition><dkim>perhaps</dkim><spf>pass</spf></policy_evaluated></row></record>`;
  const text = around(
    `${record("192.0.2.1", "7")}${record("x", "1")}${record("192.0.2.1", "-1")}${record("2001:DB8:0:0:0:0:0:1", "1")}`,
  );
  const { report, skipped } = aggregate(Buffer.from(text));
  assert.equal(skipped, 2);
  assert.partialDeepStrictEqual(report.records[0], { disposition: "reject", dkim: "fail", spf: "pass" });
  assert.equal(report.records[1]?.source, "2001:db8::1");
  const named = (start: string, name: string): string =>
    start + around("").replace("<report_id>", `<org_name>${name}</org_name><report_id>`);
  const organization = (octets: Buffer): string => aggregate(octets).report.metadata.organization;
  assert.equal(
    organization(Buffer.from(named('<?xml version="1.0" encoding="ISO-8859-1"?>', "Mühle"), "latin1")),
    "Mühle",
  );
  assert.equal(organization(Buffer.from(`\ufeff${named("", "Mühle")}`, "utf16le")), "Mühle");
  assert.equal(organization(Buffer.from(`\ufeff${named("", "&lt;M&#xFC;<![CDATA[<&]]>hle")}`)), "<Mü<&hle");
  assert.equal(organization(Buffer.from(named("", "x".repeat(5_000)))).length, REPORT_LIMITS.textLengthMax);
  const prefixed = around("")
    .replaceAll(/<(\/?)/g, "<$1d:")
    .replace("<d:feedback>", `<d:feedback xmlns:d="${AGGREGATE_NAMESPACE}">`);
  assert.equal(aggregate(Buffer.from(prefixed)).namespace, AGGREGATE_NAMESPACE);
});

test("RFC 8460 Appendix B, as JSON and in mail", () => {
  const report = tls(file("tlsrpt/rpt01.json"));
  assert.equal(report.begin_s, Date.UTC(2016, 3, 1) / 1000);
  const [policy] = report.policies;
  assert.partialDeepStrictEqual(policy, {
    type: "sts",
    domain: "company-y.example",
    successes: 5326,
    failures: 303,
    mxHosts: ["*.mail.company-y.example"],
  });
  assert.deepEqual(policy?.details[2], {
    type: "validation-failure",
    sendingAddress: "198.51.100.62",
    receivingHost: "mx-backup.mail.company-y.example",
    receivingAddress: "203.0.113.58",
    sessions: 3,
    reason: "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED",
  });
  for (const name of ["rpt01", "rpt02"]) {
    const { kind, octets } = attached(`tlsrpt/${name}.eml`);
    assert.equal(kind, "tls");
    assert.deepEqual(tls(octets), tls(file(`tlsrpt/${name}.json`)));
  }
  for (const name of ["rpt01", "rpt02", "rpt03"]) {
    const parsed = tls(file(`tlsrpt/${name}.json`));
    assert.deepEqual(tls(Buffer.from(buildTlsReportJson(parsed))), parsed);
  }
  assert.equal(
    tls(file("tlsrpt/rpt03.json")).policies.length,
    1,
    "a policy type nobody defined is passed over",
  );
});

const range =
  '"report-id":"1","date-range":{"start-datetime":"2020-01-01T00:00:00Z","end-datetime":"2020-01-02T00:00:00+01:00"}';
const TLS_DOCUMENTS: readonly (readonly [name: string, text: () => string, want: string])[] = [
  ["smallest", () => `{${range},"policies":[]}`, "ok"],
  ["byte order mark", () => `\ufeff{${range},"policies":[]}`, "ok"],
  [
    "wrong types everywhere",
    () =>
      `{${range},"organization-name":7,"policies":[null,1,[],{"policy":{"policy-type":"sts","policy-string":{}},"summary":{"total-successful-session-count":"7","total-failure-session-count":-1},"failure-details":[null,{}]}]}`,
    "ok",
  ],
  ["no JSON", () => "{", "json-syntax"],
  ["deep", () => "[".repeat(5_000_000), "json-syntax"],
  ["deep and closed", () => `${"[".repeat(100_000)}${"]".repeat(100_000)}`, "not-a-report"],
  ["list", () => "[]", "not-a-report"],
  ["no range", () => '{"policies":[]}', "incomplete"],
  ["day that is none", () => `{${range.replace("2020-01-01", "2020-13-01")},"policies":[]}`, "incomplete"],
  ["many policies", () => `{${range},"policies":[${"1,".repeat(1_000)}1]}`, "too-many-policies"],
  ["too large", () => " ".repeat(REPORT_LIMITS.unpackedOctetsMax + 1), "too-large"],
];

for (const [name, text, want] of TLS_DOCUMENTS) {
  test(`TLS report: ${name}`, () => {
    const parsed = parseTlsReport(Buffer.from(text()));
    assert.equal(parsed.ok ? "ok" : parsed.error, want);
  });
}

test("a TLS report sent by mail comes back (RFC 8460 §5.3)", () => {
  const report = tls(file("tlsrpt/rpt01.json"));
  const message = buildTlsReportMail({
    report,
    submitter: "mail.sender.example",
    policyDomain: "company-y.example",
    from: mailbox("tlsrpt", "sender.example"),
    to: mailbox("tls", "company-y.example"),
    date: { epoch_ms: 1_700_000_000_000, zone_minutes: 0 },
    messageId: "<1@sender.example>",
  });
  assert.equal(findField(message, "TLS-Report-Domain"), "company-y.example");
  assert.equal(findField(message, "TLS-Report-Submitter"), "mail.sender.example");
  assert.equal(findField(message, "TLS-Required"), "No");
  const outline = scan(message);
  assert.ok(outline.root.parameters.some(([name, value]) => name === "report-type" && value === "tlsrpt"));
  const name = tlsReportFileName("mail.sender.example", "company-y.example", report);
  assert.equal(name, `mail.sender.example!company-y.example!${report.begin_s}!${report.end_s}.json.gz`);
  const found = attachedReport(message, outline);
  assert.ok(found.ok && found.value.kind === "tls");
  assert.deepEqual(tls(found.value.octets), report);
});

test("RFC 5965 Appendix B", () => {
  assert.deepEqual(feedback("001.eml"), {
    type: "abuse",
    userAgent: "SomeGenerator/1.0",
    version: "1",
    originalRecipients: [],
    incidents: 1,
    reportedDomains: [],
    reportedUris: [],
    authenticationResults: [],
    original: {
      from: "<somespammer@example.net>",
      subject: "Earn money",
      messageId: "8787KJKJ3K4J3K4J3K4J3.mail@example.net",
    },
  });
  assert.partialDeepStrictEqual(feedback("002.eml"), {
    originalSender: "somespammer@example.net",
    originalRecipients: ["user@example.com"],
    arrival_ms: Date.UTC(2005, 2, 8, 18),
    reportingMta: "mail.example.com",
    source: "192.0.2.1",
    reportedDomains: ["example.net"],
    reportedUris: ["http://example.net/earn_money.html", "mailto:user@example.com"],
  });
});

test("RFC 6591 and reports of OpenDMARC", () => {
  assert.partialDeepStrictEqual(feedback("003.eml"), {
    type: "auth-failure",
    authFailure: "bodyhash",
    dkimDomain: "example.net",
  });
  assert.partialDeepStrictEqual(feedback("004.eml"), {
    type: "auth-failure",
    original: { subject: "Wir kaufen dein Auto!" },
  });
  assert.partialDeepStrictEqual(feedback("005.eml"), {
    dkimSelector: "testkey",
    original: { messageId: "<87913910.1318094604546@out.sender.example>" },
  });
});

test("mail that is no feedback report", () => {
  const parse = (text: string): unknown => {
    const message = Buffer.from(text.replaceAll("\n", "\r\n"));
    return parseFeedbackReport(message, scan(message));
  };
  const report = (fields: string): string =>
    `Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\n${fields}\n--b--\n`;
  assert.deepEqual(parse("Subject: x\n\ntext"), { ok: false, error: "not-a-report" });
  assert.deepEqual(parse(report("User-Agent: x")), { ok: false, error: "incomplete" });
  assert.deepEqual(parse(report("x: y\n".repeat(20_000))), { ok: false, error: "too-large" });
  assert.partialDeepStrictEqual(parse(report("\nFeedback-Type: Abuse\nIncidents: 3")), {
    ok: true,
    value: { type: "abuse", incidents: 3 },
  });
});

const DESTINATIONS: readonly (readonly [uri: string, want: object])[] = [
  ["mailto:r@blue.example.com", { kind: "allowed", external: false, addresses: ["r@blue.example.com"] }],
  ["mailto:r@mail.example.com", { kind: "allowed", external: false }],
  [
    "mailto:reports@red.example.net",
    { kind: "allowed", external: true, addresses: ["reports@red.example.net"] },
  ],
  ["MAILTO:a%2Bb@Red.example.net?subject=x", { kind: "allowed", addresses: ["a+b@red.example.net"] }],
  ["mailto:r@moved.example.org", { kind: "allowed", external: true, addresses: ["other@moved.example.org"] }],
  ["mailto:r@thief.example", { kind: "refused", problem: "foreign-override" }],
  ["mailto:victim@gmail.example", { kind: "refused", problem: "not-authorised" }],
  ["mailto:r@text.example", { kind: "refused", problem: "not-authorised" }],
  ["mailto:r@silent.example", { kind: "unknown" }],
  ["https://red.example.net/", { kind: "refused", problem: "not-mailto" }],
  ["mailto:a%0d%0aRCPT@red.example.net", { kind: "refused", problem: "not-mailto" }],
  ["mailto:a@b,c@red.example.net", { kind: "refused", problem: "not-mailto" }],
  ["mailto:%ff@red.example.net", { kind: "refused", problem: "not-mailto" }],
  [
    `mailto:r@${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(40)}.example`,
    { kind: "refused", problem: "not-authorised" },
  ],
];
const DESTINATION_ZONE: readonly ZoneEntry[] = [
  ["_dmarc.example.com", "TXT", "v=DMARC1; p=none"],
  ["blue.example.com._report._dmarc.red.example.net", "TXT", "v=DMARC1;"],
  [
    "blue.example.com._report._dmarc.moved.example.org",
    "TXT",
    "v=DMARC1; rua=mailto:other@moved.example.org",
  ],
  ["blue.example.com._report._dmarc.thief.example", "TXT", "v=DMARC1; rua=mailto:victim@gmail.example"],
  ["blue.example.com._report._dmarc.text.example", "TXT", "yes, please"],
  ["blue.example.com._report._dmarc.silent.example", "TIMEOUT", null],
];

for (const [uri, want] of DESTINATIONS) {
  test(`reports about blue.example.com to ${uri.slice(0, 60)}`, async () => {
    const found = await checkDestination(
      parseDomain("blue.example.com") as Domain,
      uri,
      zoneDns(DESTINATION_ZONE),
    );
    assert.partialDeepStrictEqual(found, want);
  });
}

test("a report of many records packs well and stays within its budget", () => {
  const records = Array.from({ length: 10_000 }, (_, i) => ({
    ...(REPORT.records[0] as AggregateReport["records"][number]),
    source: `10.${i % 7}.${i >> 8}.${i & 255}`,
    count: (i * 7_919) % 1_000,
  }));
  const unpacked = unpackReport(packAggregate({ ...REPORT, records }));
  assert.ok(unpacked.ok, JSON.stringify(unpacked));
  assert.equal(aggregate(unpacked.value).report.records.length, 10_000);
});
