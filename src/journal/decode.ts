import { z } from "zod";
import { expanded } from "./compact.ts";
import type { JournalEntry } from "./entry.ts";
import { JOURNAL_LIMITS } from "./limits.ts";
import type { JournalRecord } from "./record.ts";

/**
 * Reads a record back. Total: undefined for what is none. What a newer server added is left out, and what an older one
 * or a tight limit left away is empty.
 */
export function decodeRecord({ body }: Pick<JournalEntry, "body">): JournalRecord | undefined {
  if (body.length > JOURNAL_LIMITS.bodyReadMax) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  const parsed = RECORD.safeParse(expanded(value));
  return parsed.success ? parsed.data : undefined;
}

const text = z.string();
const optionalText = z.exactOptional(text);
const time = z.number().min(-8.64e15).max(8.64e15);
const cut = z.exactOptional(z.literal(true));

const STEP = z.object({
  stage: z.enum(["connect", "helo", "sender", "relay", "recipient", "data", "content", "end-of-data"]),
  rule: text,
  verdict: z.enum(["permit", "dunno", "reject", "defer", "tag", "would-reject", "would-defer"]),
  reason: optionalText,
  evidence: z.record(text, z.union([text, z.number(), z.boolean()])),
});

const JUDGEMENT = z.object({
  at_ms: time,
  command: z.enum(["connect", "helo", "mail", "rcpt", "data", "message"]),
  sender: optionalText,
  recipient: optionalText,
  facts: z.exactOptional(z.record(text, z.union([text, z.number(), z.boolean()]))),
  steps: z.array(STEP).default([]),
  asked: z.array(z.object({ kind: text, question: text, answer: z.unknown() })).default([]),
  decision: z.enum(["permit", "reject", "defer"]),
  decidedBy: optionalText,
  reply: z.exactOptional(z.object({ code: z.number(), enhanced: optionalText, text, reason: optionalText })),
});

const FACTS = z.object({
  session: text,
  profile: z.enum(["mx", "submission", "lmtp"]),
  clientAddress: text,
  clientName: text,
  reverseClientName: text,
  helo: optionalText,
  heloVerb: z.exactOptional(z.enum(["HELO", "EHLO", "LHLO"])),
  tls: z.exactOptional(z.object({ protocol: text, cipher: text })),
  login: optionalText,
});

const SESSION = z.object({
  kind: z.literal("session"),
  id: text,
  at_ms: time,
  facts: FACTS,
  judgements: z.array(JUDGEMENT),
  messages: z.array(text),
  cut,
});

const MESSAGE = z.object({
  kind: z.literal("message"),
  id: text,
  at_ms: time,
  session: text,
  sender: text,
  recipients: z.array(text),
  size_octets: z.number(),
  messageId: optionalText,
  subject: optionalText,
  authentication: z.exactOptional(z.unknown()),
  outcome: z.enum(["delivered", "junk", "queued", "rejected", "deferred"]),
  copies: z.array(z.object({ login: text, mailbox: text, uid: z.exactOptional(z.number()) })),
  judgement: z.exactOptional(JUDGEMENT),
  notForwarded: z.exactOptional(z.array(z.object({ address: text, reason: text }))),
  cut,
});

const DELIVERY = z.object({
  kind: z.literal("delivery"),
  id: text,
  at_ms: time,
  recipient: text,
  state: z.enum(["delivered", "relayed", "deferred", "failed", "expired"]),
  host: optionalText,
  reply: text,
  nextAttempt_ms: z.exactOptional(time),
  reason: optionalText,
  notice: z.exactOptional(z.enum(["failed", "delayed", "delivered", "relayed"])),
  security: optionalText,
  daneOff: z.exactOptional(z.literal(true)),
  cut,
});

const LOGIN = z.object({
  kind: z.literal("login"),
  id: text,
  at_ms: time,
  protocol: text,
  clientAddress: text,
  login: text,
  outcome: z.enum(["ok", "wrong", "throttled", "disabled", "expired"]),
  password: optionalText,
  cut,
});

const FATE = z.object({
  kind: z.literal("fate"),
  id: text,
  at_ms: time,
  login: text,
  event: z.enum(["read", "answered", "to-junk", "from-junk", "removed", "expired"]),
  cut,
});

const DOOR = z.object({
  kind: z.literal("door"),
  id: text,
  at_ms: time,
  since_ms: time,
  door: text,
  client: text,
  reason: text,
  count: z.number(),
  ban: z.exactOptional(z.object({ network: text, offence: text, until_ms: z.exactOptional(time) })),
  cut,
});

const RECORD: z.ZodType<JournalRecord> = z.discriminatedUnion("kind", [
  SESSION,
  MESSAGE,
  DELIVERY,
  LOGIN,
  FATE,
  DOOR,
]);
