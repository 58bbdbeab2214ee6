import assert from "node:assert/strict";
import { test } from "node:test";
import { openTemporary, silent } from "../../../test/store/engine.ts";
import { zoneDns, type ZoneEntry } from "../../../test/authentication/spf-zone.ts";
import { addresses } from "../../accounts/addresses.ts";
import { ensureSigningKeys } from "../../accounts/signing-keys.ts";
import { parseAggregate } from "../../authentication/reports/aggregate-parse.ts";
import type { AggregateReport } from "../../authentication/reports/aggregate.ts";
import { attachedReport } from "../../authentication/reports/attachment.ts";
import { parseTlsReport } from "../../authentication/reports/tlsrpt-parse.ts";
import { parseDmarcRecord } from "../../authentication/dmarc/record.ts";
import type { Authentication, DmarcResult } from "../../authentication/results.ts";
import { ManualClock } from "../../base/clock.ts";
import { err, ok } from "../../base/result.ts";
import { parseDomain, type Domain } from "../../base/domain-name.ts";
import { randomId } from "../../base/ids.ts";
import { parseIp, type IpAddress } from "../../base/ip.ts";
import { HASH_COST_MIN } from "../../accounts/password-hash.ts";
import { encodeRecord } from "../../journal/encode.ts";
import { DEFAULT_PRIVACY } from "../../journal/privacy.ts";
import { findField } from "../../message/header.ts";
import { scan } from "../../message/mime.ts";
import type { Judged } from "../../policy/contract.ts";
import type { Store } from "../../store/store.ts";
import { TlsrptTally } from "../../tls/tlsrpt-tally.ts";
import type { Incoming } from "../accept.ts";
import { Signer } from "../signer.ts";
import { isPastMinute, minuteOf, reportBounds } from "./daily.ts";
import { countJudged, type JudgedMail } from "./judged.ts";
import { REPORTS_LIMITS } from "./limits.ts";
import { prepareReport } from "./prepare.ts";
import { SentToday } from "./sent-today.ts";
import { sendDue, sendReport, type Sending } from "./send.ts";
import { ReportTally } from "./tally.ts";
import { drainTls } from "./tls-facts.ts";

const DAY = "2026-11-24";
const AT_MS = Date.UTC(2026, 10, 24, 12);
const NEXT_MS = Date.UTC(2026, 10, 25, 2);
const domain = (text: string): Domain => parseDomain(text) as Domain;

// what is counted

const FAILED: DmarcResult = {
  result: "fail",
  authorDomain: "x.test",
  requested: "reject",
  published: "reject",
  spfAligned: false,
  dkimAligned: false,
};
const STEP = { stage: "content", rule: "dmarc", reason: "dmarc-fail", evidence: {} } as const;
const PERMITTED: Judged = { decision: "permit", steps: [], asked: [], tags: [] };
const REFUSED: Judged = {
  ...PERMITTED,
  decision: "reject",
  decidedBy: "dmarc",
  steps: [{ ...STEP, verdict: "reject" }],
};

const incoming = (subject = "Hello", client = "192.0.2.1"): Incoming =>
  ({
    octets: Buffer.from(`From: a@x.test\r\nSubject: ${subject}\r\n\r\n`),
    session: { remote: { address: parseIp(client) as IpAddress, port: 1 } },
    mail: { from: { localPart: "secret", domain: "bounce.test", text: "secret@bounce.test" } },
  }) as unknown as Incoming;

const found = (record: string): JudgedMail["policy"] => ({
  domain: domain("x.test"),
  record: parseDmarcRecord(record) ?? assert.fail(record),
});
const ASKS = found("v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@x.test");

function judged(dmarc: Partial<DmarcResult>, more: Partial<JudgedMail> = {}): JudgedMail {
  const authentication: Authentication = {
    spf: [
      { result: "fail", identity: "mailfrom", domain: "bounce.test", lookups: 0 },
      { result: "pass", identity: "helo", domain: "mx.test", lookups: 0 },
    ],
    dkim: [
      { result: "pass", domain: "list.test", selector: "s", signatureStart: "", testing: false },
      { result: "permerror", domain: "", selector: "", signatureStart: "", testing: false },
    ],
    arc: { result: "none", instances: 0 },
    dmarc: { ...FAILED, ...dmarc },
  };
  return { authentication, policy: ASKS, judged: REFUSED, setting: "enforce", at_ms: AT_MS, ...more };
}

/** The rows of one message, as they stand in the report. */
async function rowsOf(
  mail: JudgedMail,
  message = incoming(),
): Promise<readonly { reasons: unknown; disposition: string }[]> {
  const tally = new ReportTally();
  countJudged(tally, message, mail);
  const rows: { reasons: unknown; disposition: string }[] = [];
  await tally.flush({
    countReports: async (counts) =>
      void rows.push(
        ...counts.map(({ facts }) => (JSON.parse(facts) as { record: (typeof rows)[number] }).record),
      ),
  });
  return rows;
}

const LOCAL = (setting: string) => ({ type: "local_policy", comment: `this server's setting is ${setting}` });
const FORWARDER = { type: "trusted_forwarder", comment: "address 192.0.2.1" } as const;
const TAGGED: Judged = { ...PERMITTED, steps: [{ ...STEP, verdict: "tag" }] };
const TOLD: readonly (readonly [
  name: string,
  mail: JudgedMail,
  want: readonly [disposition: string, reasons: readonly unknown[]],
])[] = [
  ["refused as asked", judged({}), ["reject", []]],
  ["passed", judged({ result: "pass" }, { judged: PERMITTED }), ["pass", []]],
  ["quarantined as asked", judged({ requested: "quarantine" }, { judged: TAGGED }), ["quarantine", []]],
  ["nothing was asked", judged({ requested: "none" }, { judged: PERMITTED }), ["none", []]],
  ["never refused here", judged({}, { judged: TAGGED, setting: "junk" }), ["quarantine", [LOCAL("junk")]]],
  ["only noted here", judged({}, { judged: PERMITTED, setting: "record" }), ["none", [LOCAL("record")]]],
  ["a forwarder", judged({ override: FORWARDER }, { judged: PERMITTED }), ["none", [FORWARDER]]],
];
for (const [name, mail, [disposition, reasons]] of TOLD)
  test(`told: ${name}`, async () => {
    const [row] = await rowsOf(mail);
    assert.deepEqual([row?.disposition, row?.reasons], [disposition, reasons]);
  });

test("told: domains and results, nothing of people", async () => {
  const [row] = await rowsOf(judged({}));
  assert.deepEqual(row, {
    source: "192.0.2.1",
    disposition: "reject",
    dkim: "fail",
    spf: "fail",
    reasons: [],
    headerFrom: "x.test",
    envelopeFrom: "bounce.test",
    signatures: [{ domain: "list.test", selector: "s", result: "pass" }],
    senders: [{ domain: "bounce.test", scope: "mfrom", result: "fail" }],
  });
});

const REPORT = incoming("Report Domain: x.test Submitter: y.test Report-ID: <1>");
const UNTOLD: readonly (readonly [name: string, mail: JudgedMail, message?: Incoming])[] = [
  ["nobody asks", judged({}, { policy: found("v=DMARC1; p=reject") })],
  ["in doubt", judged({ result: "temperror" })],
  [
    "refused before DMARC had a say",
    judged({}, { judged: { ...REFUSED, decidedBy: "reject_rbl_client x" } }),
  ],
  ["a report", judged({ result: "pass" }, { judged: PERMITTED }), REPORT],
];
for (const [name, mail, message] of UNTOLD)
  test(`not told: ${name}`, async () => assert.deepEqual(await rowsOf(mail, message), []));

test("told: a forged report is mail like any other", async () => {
  assert.equal((await rowsOf(judged({}), REPORT)).length, 1);
});

// what is sent

type House = { readonly store: Store; readonly sending: Sending; reopen(): Promise<House> };
const ZONE: readonly ZoneEntry[] = [
  ["_dmarc.x.test", "TXT", "v=DMARC1; p=reject; rua=mailto:d@x.test"],
  ["_smtp._tls.x.test", "TXT", "v=TLSRPTv1; rua=mailto:tls@elsewhere.test,https://x.test/r"],
];

async function withHouse(zone: readonly ZoneEntry[], work: (house: House) => Promise<void>): Promise<void> {
  const engine = await openTemporary();
  const clock = new ManualClock(NEXT_MS);
  await engine.store.directory.addDomain("b.test");
  await ensureSigningKeys({ store: engine.store, clock: new ManualClock(1), cost: HASH_COST_MIN }, "b.test");
  const houseOf = (store: Store): House => ({
    store,
    sending: {
      store,
      addresses: addresses(store),
      dns: zoneDns(zone),
      signer: new Signer(store, clock),
      reporter: { organization: "B", from: "postmaster@b.test" },
      now: () => clock.now(),
      hostName: "mail.receiver.test",
      newId: () => randomId(),
      journal: { entry: (record) => encodeRecord(record, DEFAULT_PRIVACY) },
      log: silent,
    },
    reopen: async () => houseOf(await engine.reopen()),
  });
  try {
    await work(houseOf(engine.store));
  } finally {
    await engine.close();
  }
}

async function count(store: Store, clients = 3, times = 1): Promise<void> {
  const tally = new ReportTally();
  for (let i = 0; i < clients * times; i++)
    countJudged(tally, incoming("Hello", `192.0.2.${i % clients}`), judged({}));
  await tally.flush(store.reports);
}

const due = async (store: Store) =>
  (await store.reports.reportsDue({ before_day: "2026-11-25", limit: 9 }))[0] ??
  assert.fail("nothing is due");

async function mailOf({ store }: House): Promise<Buffer> {
  const [entry] = await store.queue.queued();
  return (await store.mail.octets(entry?.blob ?? "")) ?? assert.fail("no mail");
}

function aggregateIn(mail: Buffer): AggregateReport {
  const attached = attachedReport(mail, scan(mail));
  assert.ok(attached.ok);
  const parsed = parseAggregate(attached.value.octets);
  assert.ok(parsed.ok);
  return parsed.value.report;
}

test("send: a signed mail to the address asked for, from us, about the whole day", async () => {
  await withHouse(ZONE, async (house) => {
    await count(house.store, 3, 4);
    assert.deepEqual(await sendDue(house.sending, "2026-11-25"), { sent: 1, none: 0, later: 0 });
    const [entry] = await house.store.queue.queued();
    assert.equal(entry?.from, "postmaster@b.test");
    assert.deepEqual(
      entry.recipients.map(({ address, notify }) => [address, notify]),
      [["d@x.test", ["NEVER"]]],
    );
    const mail = await mailOf(house);
    assert.match(findField(mail, "dkim-signature") ?? "", /d=b\.test/);
    assert.match(
      findField(mail, "subject") ?? "",
      /^Report Domain: x\.test Submitter: b\.test Report-ID: <dmarc\.20261124\.[0-9a-f]{16}@b\.test>$/,
    );
    assert.match(mail.toString("latin1"), /filename="?b\.test!x\.test!1795478400!1795564799\.xml\.gz/);
    const { metadata, policy, records } = aggregateIn(mail);
    assert.deepEqual([metadata.begin_s, metadata.end_s], [1_795_478_400, 1_795_564_799]);
    assert.deepEqual([policy.p, policy.sp, policy.adkim], ["reject", "quarantine", "r"]);
    assert.deepEqual(
      records.map(({ source, count: messages }) => `${source} ${messages}`).toSorted(),
      [0, 1, 2].map((i) => `192.0.2.${i} 4`),
    );
    assert.deepEqual(await sendDue(house.sending, "2026-11-25"), { sent: 0, none: 0, later: 0 });
  });
});

const PLACES: readonly (readonly [name: string, zone: readonly ZoneEntry[], want: string])[] = [
  ["the record is gone", [], "none not-wanted"],
  ["nobody asks any more", [["_dmarc.x.test", "TXT", "v=DMARC1; p=reject"]], "none not-wanted"],
  ["the DNS does not say", [["_dmarc.x.test", "TIMEOUT", null]], "later dns"],
  [
    "elsewhere, where nobody allowed it",
    [["_dmarc.x.test", "TXT", "v=DMARC1; p=none; rua=mailto:d@victim.test"]],
    "none not-authorised",
  ],
  [
    "elsewhere, where it is allowed",
    [
      ["_dmarc.x.test", "TXT", "v=DMARC1; p=none; rua=mailto:d@helper.test"],
      ["x.test._report._dmarc.helper.test", "TXT", "v=DMARC1"],
    ],
    "ready d@helper.test",
  ],
  [
    "no size is small enough",
    [["_dmarc.x.test", "TXT", "v=DMARC1; p=none; rua=mailto:d@x.test!1k"]],
    "none too-large",
  ],
  [
    "nothing but the web",
    [["_dmarc.x.test", "TXT", "v=DMARC1; p=none; rua=https://x.test/"]],
    "none not-mailto",
  ],
];
for (const [name, zone, want] of PLACES)
  test(`places: ${name}`, async () => {
    await withHouse(zone, async ({ store, sending }) => {
      await count(store);
      const made = await sendReport(sending, await due(store), new SentToday());
      const what =
        made.state === "ready"
          ? made.mails.map(({ to }) => to).join()
          : made.state === "none"
            ? made.outcome
            : made.why;
      assert.equal(`${made.state} ${what}`, want);
      // What is to be tried again is still there, all else is settled.
      const left = await store.reports.reportsDue({ before_day: "2026-11-25", limit: 9 });
      assert.equal(left.length, made.state === "later" ? 1 : 0);
    });
  });

test("size: a limit of the record is kept, and the report says what is left out", async () => {
  const zone: readonly ZoneEntry[] = [["_dmarc.x.test", "TXT", "v=DMARC1; p=reject; rua=mailto:d@x.test!9k"]];
  await withHouse(zone, async (house) => {
    const tally = new ReportTally();
    for (let i = 0; i < 1500; i++) {
      const mail = judged({});
      const dkim = [{ ...mail.authentication.dkim[0], selector: randomId(20) } as never];
      const authentication = { ...mail.authentication, dkim };
      countJudged(tally, incoming("Hello", `198.18.${i >> 8}.${i & 255}`), { ...mail, authentication });
    }
    await tally.flush(house.store.reports);
    await sendDue(house.sending, "2026-11-25");
    const mail = await mailOf(house);
    assert.ok(mail.length <= 9 * 1024, String(mail.length));
    const { records, metadata } = aggregateIn(mail);
    assert.ok(records.length > 50, String(records.length));
    assert.ok(
      metadata.errors.some((text) => text.startsWith(`${1500 - records.length} messages are left out`)),
    );
  });
});

test("tls: what connections came to, by mail where there is an address, with the fields RFC 8460 wants", async () => {
  await withHouse(ZONE, async (house) => {
    const tls = new TlsrptTally();
    const policy = {
      type: "sts",
      domain: "x.test",
      lines: ["version: STSv1"],
      mxPatterns: ["*.x.test"],
    } as const;
    const failure = {
      result: "certificate-expired",
      mx: "mx.x.test",
      ip: "192.0.2.9",
      from: "8.8.4.4",
      detail: "expired",
    } as const;
    for (let i = 0; i < 3; i++) tls.record(AT_MS, "x.test", policy);
    for (let i = 0; i < 150; i++)
      tls.record(AT_MS, "x.test", policy, {
        ...failure,
        ...(i === 0 ? {} : { from: "192.168.1.2" }),
        detail: `${i >> 1}${i}`,
      });
    tls.record(AT_MS, "y.test", policy, failure);
    const tally = new ReportTally();
    drainTls(tls, tally);
    drainTls(tls, tally);
    await tally.flush(house.store.reports);
    assert.deepEqual(await sendDue(house.sending, "2026-11-25"), { sent: 1, none: 1, later: 0 });
    const [entry] = await house.store.queue.queued();
    assert.deepEqual(
      entry?.recipients.map(({ address }) => address),
      ["tls@elsewhere.test"],
    );
    const mail = await mailOf(house);
    for (const [name, value] of [
      ["tls-report-domain", "x.test"],
      ["tls-report-submitter", "b.test"],
      ["tls-required", "No"],
    ] as const)
      assert.equal(findField(mail, name), value);
    const attached = attachedReport(mail, scan(mail));
    assert.ok(attached.ok);
    const report = parseTlsReport(attached.value.octets);
    assert.ok(report.ok);
    assert.equal(report.value.begin_s, 1_795_478_400);
    const [told] = report.value.policies;
    assert.deepEqual([told?.type, told?.successes, told?.failures], ["sts", 3, 150]);
    assert.equal(told?.details.length, 100, "the other kinds are only summed");
    const [first] = told?.details ?? [];
    assert.deepEqual(
      [first?.type, first?.receivingHost, first?.receivingAddress],
      ["certificate-expired", "mx.x.test", "192.0.2.9"],
    );
    // The address inside a private network is nobody's business.
    assert.deepEqual(
      told?.details.flatMap(({ sendingAddress }) => sendingAddress ?? []),
      ["8.8.4.4"],
    );
  });
});

test("tls: only an HTTPS endpoint is asked for: posted; where it does not take it, again later", async () => {
  const zone: readonly ZoneEntry[] = [["_smtp._tls.x.test", "TXT", "v=TLSRPTv1;rua=https://x.test/r"]];
  await withHouse(zone, async ({ store, sending }) => {
    const counts = { kind: "tls", day: DAY, domain: "x.test", count: 2 } as const;
    const policy = { type: "no-policy-found", domain: "x.test", lines: [], mxPatterns: [] };
    await store.reports.countReports([{ ...counts, facts: JSON.stringify({ policy }) }]);
    const taken: string[] = [];
    let answer: { ok: true; value: undefined } | { ok: false; error: string } = { ok: false, error: "503" };
    const post = async (url: string) => (taken.push(url), answer);
    assert.deepEqual(await sendDue({ ...sending, post }, "2026-11-25"), { sent: 0, none: 0, later: 1 });
    answer = { ok: true, value: undefined };
    assert.deepEqual(await sendDue({ ...sending, post }, "2026-11-25"), { sent: 1, none: 0, later: 0 });
    await sendDue({ ...sending, post }, "2026-11-25");
    assert.deepEqual(taken, ["https://x.test/r", "https://x.test/r"]);
    const [settled] = await store.reports.reportsSettled({ since_day: DAY, limit: 9 });
    assert.deepEqual(settled?.sentTo, [{ id: "", to: "https://x.test/r" }]);
  });
});

test("tls: domains that all name one address get it no more than its share a day, also in a second run", async () => {
  const { perPlaceMax } = REPORTS_LIMITS;
  const names = Array.from({ length: perPlaceMax + 20 }, (_, i) => `d${i}.test`);
  const zone = names.map((name): ZoneEntry => [
    `_smtp._tls.${name}`,
    "TXT",
    "v=TLSRPTv1;rua=mailto:v@victim.test",
  ]);
  await withHouse(
    [...zone, ["_smtp._tls.e.test", "TXT", "v=TLSRPTv1;rua=mailto:t@e.test"]],
    async ({ store, sending }) => {
      const facts = JSON.stringify({
        policy: { type: "no-policy-found", domain: "", lines: [], mxPatterns: [] },
      });
      const add = (some: readonly string[]) =>
        store.reports.countReports(
          some.map((name) => ({ kind: "tls", day: DAY, domain: name, facts, count: 1 })),
        );
      await add(names.slice(0, perPlaceMax + 10));
      assert.deepEqual(await sendDue(sending, "2026-11-25"), { sent: perPlaceMax, none: 10, later: 0 });
      await add([...names.slice(perPlaceMax + 10), "e.test"]);
      assert.deepEqual(await sendDue(sending, "2026-11-25"), { sent: 1, none: 10, later: 0 });
      assert.equal(await store.queue.queueLength(), perPlaceMax + 1);
      const settled = await store.reports.reportsSettled({ since_day: DAY, limit: 999 });
      assert.equal(settled.filter(({ outcome }) => outcome === "too-many-there").length, 20);
    },
  );
});

test("tls: one endpoint of two takes it: nobody gets it again; one that never does is asked no more than its share a day", async () => {
  const { perPlaceMax } = REPORTS_LIMITS;
  const zone: readonly ZoneEntry[] = [
    ["_smtp._tls.x.test", "TXT", "v=TLSRPTv1;rua=https://victim.test/r,https://x.test/never"],
    ["_smtp._tls.y.test", "TXT", "v=TLSRPTv1;rua=https://y.test/never"],
  ];
  await withHouse(zone, async ({ store, sending }) => {
    const facts = JSON.stringify({
      policy: { type: "no-policy-found", domain: "", lines: [], mxPatterns: [] },
    });
    const counts = ["x.test", "y.test"].map((domain) => ({
      kind: "tls" as const,
      day: DAY,
      domain,
      facts,
      count: 1,
    }));
    await store.reports.countReports(counts);
    const asked: string[] = [];
    const post = async (url: string) => {
      asked.push(url);
      return url.endsWith("/never") ? err("503") : ok(undefined);
    };
    // Every run is as after a start: nothing is known but what the store holds.
    for (let run = 0; run < perPlaceMax + 3; run++) await sendDue({ ...sending, post }, "2026-11-25");
    const count = (url: string) => asked.filter((one) => one === url).length;
    assert.deepEqual(["https://victim.test/r", "https://x.test/never", "https://y.test/never"].map(count), [
      1,
      1,
      perPlaceMax,
    ]);
    const settled = await store.reports.reportsSettled({ since_day: DAY, limit: 9 });
    assert.deepEqual(
      settled.map(
        ({ domain, outcome, sentTo }) => `${domain} ${outcome} ${sentTo.map(({ to }) => to).join()}`,
      ),
      ["x.test sent https://victim.test/r", "y.test too-many-there "],
    );
  });
});

test("one registered domain has a share of its own, with other local parts, subdomains and endpoints", () => {
  const today = new SentToday();
  const { perDomainMax } = REPORTS_LIMITS;
  const places = (i: number) => [`a${i}@victim.test`, `b@d${i}.victim.test`, `https://VICTIM.test/${i}`];
  const taken = Array.from({ length: perDomainMax }, (_, i) => places(i).map((to) => today.take(to))).flat();
  assert.equal(taken.filter(Boolean).length, perDomainMax);
  assert.equal(today.take("t@elsewhere.test"), true);
});

test("a dry run changes nothing", async () => {
  await withHouse(ZONE, async ({ store, sending }) => {
    await count(store);
    const prepare = async () =>
      prepareReport({ ...sending, reports: store.reports, now_ms: NEXT_MS }, await due(store));
    const [first, second] = [await prepare(), await prepare()];
    assert.equal(first.state, "ready");
    assert.match(first.text, /<source_ip>192\.0\.2\.2<\/source_ip>/);
    assert.equal(first.reportId, second.reportId);
    assert.equal(await store.queue.queueLength(), 0);
  });
});

test("nobody signs for the sender: nothing goes out unsigned, the report waits", async () => {
  await withHouse(ZONE, async ({ store, sending }) => {
    await count(store);
    const reporter = { organization: "B", from: "reports@stranger.test" };
    assert.deepEqual(await sendDue({ ...sending, reporter }, "2026-11-25"), { sent: 0, none: 0, later: 1 });
    assert.equal(await store.queue.queueLength(), 0);
    assert.equal((await due(store)).rows, 3);
  });
});

/** Ends the work at its n-th step, before it is done or after, as a killed process does: what is written is written. */
function dyingAt(sending: Sending, step: number): Sending {
  let steps = 0;
  const dies = <A extends unknown[], T>(work: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      if (++steps === step) throw new Error("killed before");
      const result = await work(...args);
      if (++steps === step) throw new Error("killed after");
      return result;
    };
  };
  const { store, dns, signer } = sending;
  const { reports } = store;
  const mortal: Store = {
    ...store,
    reports: {
      ...reports,
      reportsDue: dies((question: Parameters<typeof reports.reportsDue>[0]) => reports.reportsDue(question)),
      reportRows: dies((key: Parameters<typeof reports.reportRows>[0]) => reports.reportRows(key)),
      settleReport: dies((...all: Parameters<typeof reports.settleReport>) => reports.settleReport(...all)),
    },
  };
  return {
    ...sending,
    store: mortal,
    dns: { query: dies((...question) => dns.query(...question)) as Sending["dns"]["query"] },
    signer: { signatures: dies((octets) => signer.signatures(octets)) },
  };
}

test("killed at any step and started again: every report is queued exactly once", async () => {
  const zone: readonly ZoneEntry[] = [
    ...ZONE,
    ["_dmarc.y.test", "TXT", "v=DMARC1; p=none; rua=mailto:d@y.test,mailto:e@y.test"],
  ];
  let steps = 0;
  await withHouse(zone, async (first) => {
    let house = first;
    for (let died = true; died;) {
      const step = ++steps;
      // A day for each step: what is settled stays so.
      const at_ms = AT_MS - step * 86_400_000;
      const tally = new ReportTally();
      for (const name of ["x.test", "y.test"])
        countJudged(tally, incoming(), judged({}, { policy: { ...ASKS, domain: domain(name) }, at_ms }));
      await tally.flush(house.store.reports);
      const mortal = dyingAt(house.sending, step);
      died = await sendDue(mortal, DAY).then(
        () => false,
        (error: unknown) => /killed/.test(String(error)),
      );
      house = await house.reopen();
      await Promise.all([sendDue(house.sending, DAY), sendDue(house.sending, DAY)]);
      const to = (await house.store.queue.queued()).flatMap(({ recipients }) =>
        recipients.map(({ address }) => address),
      );
      const want = ["d@x.test", "d@y.test", "e@y.test"].flatMap((address) => Array(step).fill(address));
      assert.deepEqual(to.toSorted(), want, `step ${step}`);
    }
  });
  assert.ok(steps > 15, String(steps));
});

// when

test("the minute is this server's own, within four hours after midnight", () => {
  const minute = minuteOf("mail.b.test");
  assert.equal(minuteOf("mail.b.test"), minute);
  const minutes = new Set(Array.from({ length: 500 }, (_, i) => minuteOf(`mail.d${i}.test`)));
  assert.ok(minutes.size > 150 && Math.min(...minutes) >= 1 && Math.max(...minutes) <= 240);
  const midnight = Date.UTC(2026, 10, 25);
  assert.equal(isPastMinute(midnight + minute * 60_000 - 1, "mail.b.test"), false);
  assert.equal(isPastMinute(midnight + minute * 60_000, "mail.b.test"), true);
  assert.deepEqual(reportBounds(NEXT_MS, 30), {
    due_before_day: "2026-11-22",
    settled_before_day: "2026-10-26",
  });
});
