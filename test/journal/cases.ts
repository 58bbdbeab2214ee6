/** Ten kinds of fate as records, as the server writes them. Names of RFC 2606, addresses of RFC 5737. */
import { doors } from "./door-cases.ts";
import type { JournalRecord, Judgement, SessionFacts, Step } from "../../src/journal/record.ts";

export const NOON_MS = Date.UTC(2026, 10, 24, 12, 0, 0);
const MINUTE_MS = 60_000;

const facts = (changes: Partial<SessionFacts> = {}): SessionFacts => ({
  session: "s4kw8r2c",
  profile: "mx",
  clientAddress: "192.0.2.25",
  clientName: "mail.example.net",
  reverseClientName: "mail.example.net",
  helo: "mail.example.net",
  heloVerb: "EHLO",
  tls: { protocol: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" },
  ...changes,
});

function unencrypted(changes: Partial<SessionFacts>): SessionFacts {
  const { tls: _, ...rest } = facts(changes);
  return rest;
}

export const judgement = (changes: Partial<Judgement>): Judgement => ({
  at_ms: NOON_MS + 1_000,
  command: "rcpt",
  sender: "paula@example.net",
  recipient: "anna@example.org",
  steps: [],
  asked: [],
  decision: "permit",
  ...changes,
});

export const session = (
  judgements: readonly Judgement[],
  changes: Partial<SessionFacts> = {},
  messages: readonly string[] = [],
  encrypted = true,
): JournalRecord => ({
  kind: "session",
  id: "s4kw8r2c",
  at_ms: NOON_MS,
  facts: encrypted ? facts(changes) : unencrypted(changes),
  judgements,
  messages,
});

export const message = (
  changes: Partial<Extract<JournalRecord, { kind: "message" }>> = {},
): JournalRecord => ({
  kind: "message",
  id: "q7mt3v9zk2",
  at_ms: NOON_MS + 2_000,
  session: "s4kw8r2c",
  sender: "paula@example.net",
  recipients: ["anna@example.org"],
  size_octets: 4_312,
  messageId: "<20261124.1@example.net>",
  authentication: {
    spf: [{ result: "pass", identity: "mailfrom", domain: "example.net", lookups: 1 }],
    dkim: [
      { result: "pass", domain: "example.net", selector: "m1", signatureStart: "AbCdEfGh", testing: false },
    ],
    arc: { result: "none", instances: 0 },
    dmarc: {
      result: "pass",
      authorDomain: "example.net",
      requested: "reject",
      spfAligned: true,
      dkimAligned: true,
    },
  },
  outcome: "delivered",
  copies: [{ login: "anna@example.org", mailbox: "INBOX", uid: 17 }],
  ...changes,
});

/** A table that was asked first and had no entry. */
const asked = (stage: Step["stage"], rule: string): Step => ({
  stage,
  rule,
  verdict: "dunno",
  reason: "no-entry",
  evidence: {},
});

const TABLES: readonly Step[] = [
  asked("connect", "check_client_access table:clients"),
  asked("helo", "check_helo_access table:helos"),
  asked("sender", "check_sender_access table:senders"),
  asked("recipient", "check_client_access table:clients"),
];

const refusedBy = (step: Step, reply: Judgement["reply"], changes: Partial<Judgement> = {}): Judgement =>
  judgement({
    steps: [...TABLES, step],
    decision: step.verdict === "defer" ? "defer" : "reject",
    decidedBy: step.rule,
    ...(reply === undefined ? {} : { reply }),
    ...changes,
  });

const accepted: readonly JournalRecord[] = [
  session(
    [
      judgement({
        steps: [
          {
            stage: "recipient",
            rule: "warn_if_reject reject_unknown_helo_hostname",
            verdict: "would-reject",
            reason: "helo-unknown",
            evidence: { helo: "mail.example.net" },
          },
          {
            stage: "recipient",
            rule: "permit_dnswl_client list.dnswl.org",
            verdict: "permit",
            reason: "allow-listed",
            evidence: { zone: "list.dnswl.org", code: "127.0.5.2" },
          },
        ],
        decidedBy: "permit_dnswl_client list.dnswl.org",
      }),
    ],
    {},
    ["q7mt3v9zk2"],
  ),
  message(),
  {
    kind: "fate",
    id: "q7mt3v9zk2",
    at_ms: NOON_MS + 30 * MINUTE_MS,
    login: "anna@example.org",
    event: "read",
  },
  {
    kind: "fate",
    id: "q7mt3v9zk2",
    at_ms: NOON_MS + 45 * MINUTE_MS,
    login: "anna@example.org",
    event: "answered",
  },
];

const junk: readonly JournalRecord[] = [
  session(
    [
      judgement({
        steps: [
          ...TABLES,
          {
            stage: "recipient",
            rule: "tag_dnsbl_score 4",
            verdict: "tag",
            reason: "listed-score",
            evidence: { points: 6, zones: "bl.spamcop.net psbl.surriel.com" },
          },
        ],
      }),
    ],
    { clientAddress: "198.51.100.7", clientName: "unknown", reverseClientName: "dsl-7.example.com" },
    ["q7mt3v9zk2"],
  ),
  message({
    outcome: "junk",
    copies: [{ login: "anna@example.org", mailbox: "Junk", uid: 3 }],
    authentication: undefined,
  }),
  {
    kind: "fate",
    id: "q7mt3v9zk2",
    at_ms: NOON_MS + 90 * MINUTE_MS,
    login: "anna@example.org",
    event: "from-junk",
  },
];

const unknownUser: readonly JournalRecord[] = [
  session([
    judgement({
      recipient: "ana@example.org",
      steps: [
        {
          stage: "relay",
          rule: "unknown-recipient",
          verdict: "reject",
          reason: "unknown-recipient",
          evidence: { recipient: "ana@example.org" },
        },
      ],
      decidedBy: "unknown-recipient",
      decision: "reject",
      reply: {
        code: 550,
        enhanced: "5.1.1",
        text: "<ana@example.org>: no such user here",
        reason: "unknown-recipient",
      },
    }),
    judgement({
      recipient: "anne@example.org",
      decidedBy: "unknown-recipient",
      decision: "reject",
      reply: {
        code: 550,
        enhanced: "5.1.1",
        text: "<anne@example.org>: no such user here",
        reason: "unknown-recipient",
      },
    }),
  ]),
];

const relay: readonly JournalRecord[] = [
  session(
    [
      judgement({
        recipient: "someone@elsewhere.example",
        decision: "reject",
        reply: { code: 554, enhanced: "5.7.1", text: "Relay access denied", reason: "relay-denied" },
      }),
    ],
    {},
    [],
    false,
  ),
];

const dnsbl: readonly JournalRecord[] = [
  session(
    [
      refusedBy(
        {
          stage: "recipient",
          rule: "reject_rbl_client zen.spamhaus.org",
          verdict: "reject",
          reason: "listed",
          evidence: { zone: "zen.spamhaus.org", code: "127.0.0.4" },
        },
        {
          code: 554,
          enhanced: "5.7.1",
          text: "Service unavailable; Client host [203.0.113.9] blocked using zen.spamhaus.org",
        },
        {
          asked: [
            { kind: "dns", question: "MX example.net", answer: { kind: "nodata", ttl_s: 300 } },
            { kind: "list", question: "zen.spamhaus.org", answer: "on" },
            { kind: "dns", question: "TXT 9.113.0.203.zen.spamhaus.org", answer: { kind: "nodata" } },
            {
              kind: "dns",
              question: "A 9.113.0.203.zen.spamhaus.org",
              answer: { kind: "records", records: ["127.0.0.4"], ttl_s: 60, authenticated: false },
            },
          ],
        },
      ),
    ],
    { clientAddress: "203.0.113.9", clientName: "unknown", reverseClientName: "unknown" },
  ),
];

const helo: readonly JournalRecord[] = [
  session(
    [
      refusedBy(
        {
          stage: "helo",
          rule: "reject_non_fqdn_helo_hostname",
          verdict: "reject",
          reason: "helo-not-full",
          evidence: { helo: "printer" },
        },
        {
          code: 504,
          enhanced: "5.5.2",
          text: "<printer>: Helo command rejected: need fully-qualified hostname",
        },
      ),
    ],
    { helo: "printer" },
  ),
];

const senderDomain: readonly JournalRecord[] = [
  session([
    refusedBy(
      {
        stage: "sender",
        rule: "reject_unknown_sender_domain",
        verdict: "reject",
        reason: "domain-unknown",
        evidence: { domain: "no-such.example" },
      },
      {
        code: 550,
        enhanced: "5.1.8",
        text: "<x@no-such.example>: Sender address rejected: Domain not found",
      },
      {
        sender: "x@no-such.example",
        asked: [{ kind: "dns", question: "MX no-such.example", answer: { kind: "nxdomain", ttl_s: 60 } }],
      },
    ),
  ]),
];

const dmarc: readonly JournalRecord[] = [
  session([
    refusedBy(
      {
        stage: "content",
        rule: "dmarc",
        verdict: "reject",
        reason: "dmarc-fail",
        evidence: { domain: "bank.example", requested: "reject", policyDomain: "bank.example" },
      },
      { code: 550, enhanced: "5.7.26", text: "Neither SPF nor DKIM shows that this is from bank.example" },
      { command: "message", sender: "news@bank.example" },
    ),
  ]),
  message({
    sender: "news@bank.example",
    outcome: "rejected",
    copies: [],
    authentication: {
      spf: [{ result: "fail", identity: "mailfrom", domain: "bank.example", mechanism: "-all", lookups: 1 }],
      dkim: [],
      arc: { result: "none", instances: 0 },
      dmarc: {
        result: "fail",
        authorDomain: "bank.example",
        requested: "reject",
        spfAligned: false,
        dkimAligned: false,
      },
    },
  }),
];

const greylisted: readonly JournalRecord[] = [
  session([
    refusedBy(
      {
        stage: "recipient",
        rule: "greylist_suspicious",
        verdict: "defer",
        reason: "greylisted-nameless",
        evidence: { wait_s: 300 },
      },
      { code: 450, enhanced: "4.7.1", text: "Greylisted, please try again later" },
    ),
  ]),
];

const dnsFailure: readonly JournalRecord[] = [
  session([
    refusedBy(
      {
        stage: "sender",
        rule: "reject_unknown_sender_domain",
        verdict: "defer",
        reason: "domain-not-learned",
        evidence: { domain: "slow.example" },
      },
      { code: 450, enhanced: "4.1.8", text: "<x@slow.example>: Sender address rejected: Domain not found" },
      {
        sender: "x@slow.example",
        asked: [{ kind: "dns", question: "MX slow.example", answer: { kind: "failure", reason: "timeout" } }],
      },
    ),
  ]),
];

const delivery = (
  minutes: number,
  changes: Omit<Extract<JournalRecord, { kind: "delivery" }>, "kind" | "id" | "at_ms">,
): JournalRecord => ({
  kind: "delivery",
  id: "q7mt3v9zk2",
  at_ms: NOON_MS + minutes * MINUTE_MS,
  ...changes,
});

const putOff = (minutes: number): JournalRecord =>
  delivery(minutes, {
    recipient: "bert@example.com",
    host: "mx.example.com",
    state: "deferred",
    reply: "451 4.4.1 mx.example.com: connection refused",
    reason: "remote-connect",
    nextAttempt_ms: NOON_MS + (minutes + 10) * MINUTE_MS,
  });

const sent = (recipients: readonly string[]): readonly JournalRecord[] => [
  session(
    [],
    {
      profile: "submission",
      login: "anna@example.org",
      clientAddress: "198.51.100.20",
      clientName: "unknown",
      helo: "[10.0.0.5]",
    },
    ["q7mt3v9zk2"],
  ),
  message({
    sender: "anna@example.org",
    recipients,
    authentication: undefined,
    outcome: "queued",
    copies: [],
  }),
];

const waiting: readonly JournalRecord[] = [...sent(["bert@example.com"]), putOff(1)];

const bounced: readonly JournalRecord[] = [
  ...sent(["bert@example.com", "carl@example.com"]),
  ...[1, 2, 4, 8, 16].map(putOff),
  delivery(32, {
    recipient: "bert@example.com",
    host: "mx.example.com",
    state: "failed",
    reply: "mx.example.com said: 550 5.1.1 <bert@example.com> user unknown",
    notice: "failed",
  }),
  delivery(1, {
    recipient: "carl@example.com",
    host: "mx.example.com",
    state: "relayed",
    reply: "250 2.0.0 Ok: queued as 4X",
    security: "dane",
  }),
];

const login = (
  seconds: number,
  outcome: Extract<JournalRecord, { kind: "login" }>["outcome"],
): JournalRecord => ({
  kind: "login",
  id: `i${seconds}`,
  at_ms: NOON_MS + seconds * 1_000,
  protocol: "imap",
  clientAddress: "203.0.113.80",
  login: "anna@example.org",
  outcome,
});

const throttledLogin: readonly JournalRecord[] = [
  ...Array.from({ length: 20 }, (_, i) => login(i * 4, "wrong")),
  login(90, "throttled"),
  login(95, "throttled"),
  login(4_000, "ok"),
];

/** What became of a message that was filed as junk: its two readers were not of one mind. */
const fates: readonly JournalRecord[] = [
  ...accepted.filter(({ kind }) => kind !== "fate"),
  ...(
    [
      ["anna", "read"],
      ["anna", "answered"],
      ["bert", "to-junk"],
      ["bert", "from-junk"],
      ["bert", "removed"],
      ["anna", "expired"],
    ] as const
  ).map(([who, event], i): JournalRecord => ({
    kind: "fate",
    id: "q7mt3v9zk2",
    at_ms: NOON_MS + (i + 1) * 10 * MINUTE_MS,
    login: `${who}@example.org`,
    event,
  })),
];

/** Name of the golden file and the records it tells. */
export const FATES: Readonly<Record<string, readonly JournalRecord[]>> = {
  accepted,
  junk,
  "unknown-user": unknownUser,
  relay,
  dnsbl,
  helo,
  "sender-domain": senderDomain,
  dmarc,
  greylisted,
  "dns-failure": dnsFailure,
  waiting,
  bounced,
  "throttled-login": throttledLogin,
  fates,
  doors,
};
