/**
 * Properties of DMARC records and of reports under random input: `node --test test/fuzz/reports.ts`. FUZZ_RUNS sets
 * how often each property is tried, FUZZ_SEED repeats a run.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { authorDomain } from "../../src/authentication/dmarc/author-domain.ts";
import { parseDmarcRecord } from "../../src/authentication/dmarc/record.ts";
import { namesToAsk, organizationalDomain, TreeWalker } from "../../src/authentication/dmarc/tree-walk.ts";
import { checkDmarc } from "../../src/authentication/dmarc/verify.ts";
import { buildAggregateXml, packAggregate } from "../../src/authentication/reports/aggregate-build.ts";
import { parseAggregate } from "../../src/authentication/reports/aggregate-parse.ts";
import type { AggregateReport } from "../../src/authentication/reports/aggregate.ts";
import { parseFeedbackReport } from "../../src/authentication/reports/arf.ts";
import { attachedReport } from "../../src/authentication/reports/attachment.ts";
import { checkDestination } from "../../src/authentication/reports/destination.ts";
import { summarise } from "../../src/authentication/reports/summary.ts";
import { buildTlsReportJson } from "../../src/authentication/reports/tlsrpt-build.ts";
import { parseTlsReport } from "../../src/authentication/reports/tlsrpt-parse.ts";
import type { TlsReport } from "../../src/authentication/reports/tlsrpt.ts";
import { unpackReport } from "../../src/authentication/reports/unpack.ts";
import { parseDomain, type Domain } from "../../src/base/domain-name.ts";
import { parseIp } from "../../src/base/ip.ts";
import { scan } from "../../src/message/mime.ts";
import { zoneDns, type ZoneEntry } from "../authentication/spf-zone.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 300);
const seed = process.env["FUZZ_SEED"];
const options = { numRuns, ...(seed === undefined ? {} : { seed: Number(seed) }) };

const CORPUS = join(dirname(fileURLToPath(import.meta.url)), "../corpora/reports");
const corpus = readdirSync(CORPUS, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.endsWith(".md"))
  .map((entry) => readFileSync(join(entry.parentPath, entry.name)));

/** Pieces of grammar between noise. */
const soup = (pieces: readonly string[], maxLength = 15): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "binary", maxLength: 3 })), { maxLength })
    .map((list) => list.join(""));

const TAGS = [
  "v=DMARC1",
  ";",
  " ",
  "=",
  "p=",
  "sp=",
  "np=",
  "reject",
  "quarantine",
  "none",
  "psd=",
  "y",
  "n",
  "t=y",
  "adkim=s",
  "rua=",
  "mailto:a@b.example",
  ",",
  "!10m",
  "fo=1:d",
];
const recordText = soup(TAGS).map((text) => `v=DMARC1;${text}`);

test("records are read or refused, and read values are of their kinds", () => {
  fc.assert(
    fc.property(fc.oneof(recordText, soup(TAGS)), (text) => {
      const record = parseDmarcRecord(text);
      if (record === undefined) return;
      assert.match(record.p, /^(none|quarantine|reject)$/);
      assert.ok(record.rua.length <= 10 && record.ruf.length <= 10 && record.fo.length > 0);
      if (record.assumedNone) assert.equal(record.p, "none");
    }),
    options,
  );
});

const NAMES = ["example", "b.example", "a.b.example", "c.a.b.example", "d.example", "x.d.example"];
const names = fc.constantFrom(...NAMES);
const zone: fc.Arbitrary<ZoneEntry[]> = fc.array(
  fc.oneof(
    fc.tuple(
      names.map((name) => `_dmarc.${name}`),
      fc.constant("TXT"),
      recordText,
    ),
    fc.tuple(names, fc.constant("A"), fc.constant("192.0.2.1")),
    fc.tuple(
      names.map((name) => `_dmarc.${name}`),
      fc.constant("TIMEOUT"),
      fc.constant(null),
    ),
  ),
  { maxLength: 8 },
);
const results = fc.constantFrom("pass", "fail", "temperror", "none", "permerror") as fc.Arbitrary<
  "pass" | "fail"
>;

test("dmarc never throws, passes only aligned identifiers, and asks bounded", async () => {
  const identifiers = fc.array(fc.tuple(results, fc.oneof(names, fc.string({ maxLength: 9 }))), {
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(zone, names, identifiers, identifiers, async (entries, author, senders, signers) => {
      const asked: string[] = [];
      const spf = senders.map(
        ([result, domain]) => ({ result, domain, identity: "mailfrom", lookups: 0 }) as const,
      );
      const dkim = signers.map(([result, domain]) => ({
        result,
        domain,
        selector: "s",
        signatureStart: "",
        testing: false,
      }));
      const found = await checkDmarc({ fromFields: [`a@${author}`], spf, dkim }, zoneDns(entries, asked));
      assert.ok(asked.length <= NAMES.length + 1);
      assert.equal(found.result === "pass", found.spfAligned || found.dkimAligned);
      if (found.result !== "pass") return;
      const passing = [...spf, ...dkim].filter(({ result }) => result === "pass").map(({ domain }) => domain);
      const walker = new TreeWalker(zoneDns(entries));
      const organization = async (name: string): Promise<string> =>
        organizationalDomain(await walker.walk(parseDomain(name) as Domain));
      const own = await organization(author);
      const aligned = await Promise.all(
        passing.map(
          async (name) =>
            name === author || (parseDomain(name) !== undefined && (await organization(name)) === own),
        ),
      );
      assert.ok(aligned.includes(true));
    }),
    options,
  );
});

test("the walk: at most eight names, each an ancestor of the first", () => {
  const labels = fc.array(fc.constantFrom("a", "b", "xn--x"), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(labels, (list) => {
      const start = parseDomain(list.join(".")) as Domain;
      const asked = namesToAsk(start);
      assert.ok(asked.length <= 8 && asked[0] === start && !asked.at(-1)?.includes("."));
      for (const name of asked) assert.ok(name === start || start.endsWith(`.${name}`));
    }),
    options,
  );
});

test("an author is a domain of the field, or a reason", () => {
  const pieces = [
    "a@",
    "b.example",
    "<",
    ">",
    ",",
    ":",
    ";",
    '"',
    "(",
    ")",
    "@",
    " ",
    "\0",
    "=?utf-8?q?a?=",
    "ü.example",
  ];
  fc.assert(
    fc.property(fc.array(soup(pieces), { maxLength: 2 }), (fields) => {
      const author = authorDomain(fields);
      if (typeof author === "string") assert.equal(parseDomain(author), author);
      else assert.match(author.problem, /author|fields/);
    }),
    options,
  );
});

/** Text as XML gives it back: no white space at the ends, no character XML has not. */
const text = fc
  .string({
    unit: fc.constantFrom(
      "a",
      "ü",
      "€",
      "😀",
      "<",
      ">",
      "&",
      "]]>",
      '"',
      "'",
      " ",
      "\n",
      "\r",
      "&amp;",
      "<!--",
    ),
    minLength: 1,
    maxLength: 12,
  })
  .map((value) => `x${value}x`);
const plain = <T extends object>(model: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
const optional = <K extends string, V>(key: K, value: fc.Arbitrary<V>) =>
  fc.option(value, { nil: undefined }).map((v) => (v === undefined ? {} : { [key]: v }) as { [P in K]?: V });
const word = <const T extends string>(...words: T[]): fc.Arbitrary<T> => fc.constantFrom(...words);
const merged = (...parts: fc.Arbitrary<object>[]): fc.Arbitrary<object> =>
  fc.tuple(...parts).map((list) => Object.assign({}, ...list) as object);
const domainText = word("a.example", "xn--mnchen-3ya.example", "b.c.example");
const source = fc.oneof(fc.ipV4(), fc.ipV6()).map((ip) => parseIp(ip)?.text ?? "192.0.2.1");
const count = fc.nat();
const requested = word("none", "quarantine", "reject");
const spfWord = word("none", "neutral", "pass", "fail", "softfail", "temperror", "permerror");
const dkimWord = word("none", "pass", "fail", "policy", "neutral", "temperror", "permerror");

const aggregateRecord = merged(
  plain({
    source,
    count,
    disposition: word("none", "quarantine", "reject", "pass"),
    dkim: word("pass", "fail"),
    spf: word("pass", "fail"),
    reasons: fc.array(
      merged(
        plain({ type: word("local_policy", "mailing_list", "other", "sampled_out") }),
        optional("comment", text),
      ),
      { maxLength: 2 },
    ),
    headerFrom: domainText,
    signatures: fc.array(
      merged(
        plain({ domain: domainText, result: dkimWord }),
        optional("selector", text),
        optional("explanation", text),
      ),
      { maxLength: 3 },
    ),
    senders: fc.array(
      merged(plain({ domain: domainText, result: spfWord }), optional("scope", word("helo", "mfrom"))),
      { maxLength: 2 },
    ),
  }),
  optional("envelopeFrom", domainText),
  optional("envelopeTo", domainText),
);
const aggregateReport = plain({
  metadata: merged(
    plain({
      organization: text,
      email: text,
      reportId: text,
      begin_s: count,
      end_s: count,
      errors: fc.array(text, { maxLength: 2 }),
    }),
    optional("contact", text),
    optional("generator", text),
  ),
  policy: merged(
    plain({ domain: domainText }),
    optional("p", requested),
    optional("sp", requested),
    optional("np", requested),
    optional("adkim", word("r", "s")),
    optional("aspf", word("r", "s")),
    optional("fo", text),
    optional("testing", fc.boolean()),
    optional("discovery", word("psl", "treewalk")),
  ),
  records: fc.array(aggregateRecord, { maxLength: 4 }),
}) as fc.Arbitrary<unknown> as fc.Arbitrary<AggregateReport>;

test("parse(build(aggregate report)) is the report", () => {
  fc.assert(
    fc.property(aggregateReport, (report) => {
      const parsed = parseAggregate(Buffer.from(buildAggregateXml(report)));
      assert.deepEqual(parsed.ok ? parsed.value.report : parsed, report);
      const unpacked = unpackReport(packAggregate(report));
      assert.ok(unpacked.ok && unpacked.value.equals(Buffer.from(buildAggregateXml(report))));
      const { messages, passed, sources } = summarise([report]);
      assert.equal(
        messages,
        sources.reduce((sum, row) => sum + row.messages, 0),
      );
      assert.ok(passed <= messages);
    }),
    options,
  );
});

test("hostile values never leave their element", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      const metadata = {
        organization: value,
        email: value,
        reportId: "1",
        begin_s: 1,
        end_s: 2,
        errors: [value],
      };
      const xml = buildAggregateXml({ metadata, policy: { domain: "d.example", fo: value }, records: [] });
      const parsed = parseAggregate(Buffer.from(xml));
      assert.ok(parsed.ok);
      assert.equal(parsed.value.report.policy.domain, "d.example");
      assert.equal(parsed.value.report.metadata.reportId, "1");
    }),
    options,
  );
});

const failure = merged(
  plain({ type: word("starttls-not-supported", "certificate-expired", "new-word"), sessions: count }),
  optional("sendingAddress", text),
  optional("receivingHost", text),
  optional("receivingHelo", text),
  optional("receivingAddress", text),
  optional("information", text),
  optional("reason", text),
);
const tlsReport = merged(
  plain({
    organization: text,
    reportId: text,
    begin_s: fc.nat(),
    end_s: fc.nat(),
    policies: fc.array(
      plain({
        type: word("tlsa", "sts", "no-policy-found"),
        strings: fc.array(text, { maxLength: 3 }),
        domain: domainText,
        mxHosts: fc.array(text, { maxLength: 2 }),
        successes: count,
        failures: count,
        details: fc.array(failure, { maxLength: 3 }),
      }),
      { maxLength: 3 },
    ),
  }),
  optional("contact", text),
) as fc.Arbitrary<unknown> as fc.Arbitrary<TlsReport>;

test("parse(build(TLS report)) is the report", () => {
  fc.assert(
    fc.property(tlsReport, (report) => {
      const parsed = parseTlsReport(Buffer.from(buildTlsReportJson(report)));
      assert.deepEqual(parsed.ok ? parsed.value : parsed, report);
    }),
    options,
  );
});

const edits = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 40 }), fc.uint8Array({ maxLength: 12 })), {
  minLength: 1,
  maxLength: 6,
});

test("every reader ends on corpus files with damage, and on noise", () => {
  const damaged = fc.tuple(fc.constantFrom(...corpus), edits).map(([octets, list]) =>
    list.reduce((text_, [at, cut, put]) => {
      const start = at % (text_.length + 1);
      return Buffer.concat([text_.subarray(0, start), put, text_.subarray(start + cut)]);
    }, octets),
  );
  const noise = soup(
    [
      "<feedback>",
      "<a>",
      "</a>",
      "<a/>",
      "<!--",
      "-->",
      "<![CDATA[",
      "]]>",
      "<?",
      "?>",
      "&#",
      "&lt;",
      ";",
      "{",
      "[",
      "PK\x03\x04",
      "PK\x05\x06",
      "\x1f\x8b",
    ],
    30,
  );
  const input = fc.oneof(
    damaged,
    noise.map((value) => Buffer.from(value, "latin1")),
    fc.uint8Array({ maxLength: 300 }),
  );
  fc.assert(
    fc.property(input, (octets) => {
      parseAggregate(octets);
      parseTlsReport(octets);
      unpackReport(octets);
      const outline = scan(octets);
      parseFeedbackReport(octets, outline);
      const found = attachedReport(octets, outline);
      if (found.ok) parseAggregate(found.value.octets);
    }),
    options,
  );
});

test("archives with damage end in a value", () => {
  const zipped = corpus.flatMap((octets) => {
    const found = /\r?\n\r?\n(UEsDB[A-Za-z0-9+/=\r\n]+)/.exec(octets.toString("latin1"))?.[1];
    return found === undefined ? [] : [Buffer.from(found, "base64")];
  });
  assert.ok(zipped.length > 0);
  fc.assert(
    fc.property(
      fc.constantFrom(...zipped),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
      (octets, flips) => {
        const copy = Buffer.from(octets);
        for (const [at, value] of flips) copy[at % copy.length] = value;
        unpackReport(copy);
      },
    ),
    options,
  );
});

test("destinations of any URI end in a value, and allowed addresses have one host and no controls", async () => {
  const uri = soup(["mailto:", "a@", "red.example", "%40", "%0a", "?", "@", ",", "!"]);
  const entries: ZoneEntry[] = [["b.example._report._dmarc.red.example", "TXT", "v=DMARC1"]];
  await fc.assert(
    fc.asyncProperty(uri, async (value) => {
      const found = await checkDestination(parseDomain("b.example") as Domain, value, zoneDns(entries));
      if (found.kind !== "allowed") return;
      for (const address of found.addresses) assert.match(address, /^[^\s\u0000-\u001f,<>]+@red\.example$/);
    }),
    options,
  );
});
