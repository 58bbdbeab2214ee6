import assert from "node:assert/strict";
import { test } from "node:test";
import { CANARY_SENDER } from "../accounts/canary.ts";
import type { AccountId } from "../base/mail-ids.ts";
import { err } from "../base/result.ts";
import type { MailTransaction, SmtpBackend, SmtpSessionFacts } from "../smtp/backend.ts";
import { parseMailbox } from "../smtp/grammar.ts";
import { reply } from "../smtp/reply.ts";
import { canaryInbound, canarySubmission, type CanaryRoom, type Flight } from "./canary.ts";

const RECIPIENT = "3ncxq4593gcyjf6jgrvzt7mn@canary.invalid";
const flight: Flight = { account: 1 as AccountId, recipient: RECIPIENT, arrived() {}, stored() {} };
const relayed = reply(554, "5.7.1", "the backend behind", "relay-denied");
/** Stands for the server's own backend: whatever is asked of it is refused by it. */
const inner = {
  mail: async () => relayed,
  rcpt: async () => relayed,
  data: async () => err(relayed),
} as unknown as SmtpBackend;
const room = (current: Flight | undefined): CanaryRoom =>
  ({ flight: () => current, freeDisk: { refusal: async () => undefined } }) as unknown as CanaryRoom;

const to = (text: string) => {
  const parsed = parseMailbox(text);
  if (!parsed.ok) throw new Error(text);
  return { to: parsed.value };
};
const mail = (from: string, ...recipients: string[]): MailTransaction => ({
  id: "q",
  from: to(from).to,
  body: "7BIT",
  smtpUtf8: false,
  recipients: recipients.map(to),
});
const session = (login?: string, credential = -1): SmtpSessionFacts =>
  ({
    id: "s",
    ...(login === undefined ? {} : { identity: { account: 1 as AccountId, login, credential } }),
  }) as unknown as SmtpSessionFacts;

test("port 25 takes the canary's mail while it is expected, alone, and hands on all else", async () => {
  const asked = async (current: Flight | undefined, recipient: string, ...before: string[]) =>
    (await canaryInbound(inner, room(current)).rcpt(session(), mail(CANARY_SENDER, ...before), to(recipient)))
      ?.code;
  assert.equal(await asked(flight, RECIPIENT), undefined);
  assert.equal(await asked(undefined, RECIPIENT), 554, "none is expected");
  assert.equal(await asked(flight, "another@canary.invalid"), 554);
  assert.equal(await asked(flight, "you@example.org"), 554);
  assert.equal(await asked(flight, RECIPIENT, "you@example.org"), 452, "in company");
  assert.equal(await asked(flight, "you@example.org", RECIPIENT), 452, "with company");
  const data = await canaryInbound(inner, room(flight)).data(session(), mail("a@b.test", "you@example.org"));
  assert.equal(data.ok, false);
});

test("submission: whoever has the canary's login sends to the canary and to nobody else, from no other address", async () => {
  const backend = canarySubmission(inner, room(flight));
  const canary = session("canary");
  const sender = async (who: SmtpSessionFacts, from: string) => (await backend.mail(who, mail(from)))?.code;
  const recipient = async (who: SmtpSessionFacts, text: string) =>
    (await backend.rcpt(who, mail(CANARY_SENDER), to(text)))?.code;
  assert.equal(await sender(canary, CANARY_SENDER), undefined);
  assert.equal(await sender(canary, "you@example.org"), 550);
  assert.equal(await recipient(canary, RECIPIENT), undefined);
  for (const other of ["you@example.org", "x@elsewhere.test", "other@canary.invalid"])
    assert.equal(await recipient(canary, other), 550, other);
  // People go to the backend of people, also one who calls himself canary.
  for (const person of [session("you@example.org", 7), session("canary", 7), session()]) {
    assert.equal(await sender(person, CANARY_SENDER), 554);
    assert.equal(await recipient(person, RECIPIENT), 554);
  }
});
