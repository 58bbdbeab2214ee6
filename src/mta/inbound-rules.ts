/** The rules' questions at each command of a stranger's session, and what is noted of the answers. */
import type { Judgement, Stage, Step } from "../journal/record.ts";
import type { Judged, Policy } from "../policy/contract.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";
import type { MailTransaction, SmtpSessionFacts } from "../smtp/backend.ts";
import type { Reply } from "../smtp/reply.ts";
import { replyRecord, type Visit } from "./visit.ts";

type Asking = { readonly policy: Policy };
type About = Pick<Judgement, "command" | "sender" | "recipient" | "facts">;

export async function judgeConnect(
  { policy }: Asking,
  visit: Visit,
  session: SmtpSessionFacts,
): Promise<Reply | undefined> {
  return noted(
    visit,
    session,
    { command: "connect" },
    await policy.judgeConnect(await visit.facts(undefined)),
  );
}

export async function judgeData(
  { policy }: Asking,
  visit: Visit,
  session: SmtpSessionFacts,
  mail: MailTransaction,
): Promise<Reply | undefined> {
  if (visit.trusted) return undefined;
  const facts = await visit.facts(mail);
  const about = { command: "data", sender: senderText(mail), facts } as const;
  return noted(visit, session, about, await policy.judgeData(facts));
}

export const senderText = (mail: MailTransaction): string => mail.from?.text ?? "";

/** Writes a judgement down; its reply, where it refuses. */
export function noted(
  visit: Visit,
  session: SmtpSessionFacts,
  about: About,
  judged: Judged,
): Reply | undefined {
  const { decision, decidedBy, reply } = judged;
  const refusal = decision === "permit" || reply === undefined ? undefined : quotable(reply, session);
  const record = {
    ...about,
    ...(decidedBy === undefined ? {} : { decidedBy }),
    ...(refusal === undefined ? {} : { reply: replyRecord(refusal) }),
  };
  visit.note(record, judged);
  return refusal;
}

/** What no rule decides: relaying, users that do not exist, full mailboxes. */
export function noteFloor(visit: Visit, mail: MailTransaction, to: EnvelopeAddress, refused: Reply): void {
  const about = { command: "rcpt", sender: senderText(mail), recipient: to.text } as const;
  note(visit, about, "relay", refused, { recipient: to.text });
}

/** What no rule decides about a whole message: whether it may go on. */
export function noteContentFloor(visit: Visit, mail: MailTransaction, refused: Reply): void {
  const about = { command: "message", sender: senderText(mail) } as const;
  note(visit, about, "content", refused, { domain: mail.from?.domain ?? "" });
}

function note(visit: Visit, about: About, stage: Stage, refused: Reply, evidence: Step["evidence"]): void {
  const reason = refused.reason ?? "refused";
  const verdict = refused.code >= 500 ? "reject" : "defer";
  visit.note(
    { ...about, decidedBy: reason, reply: replyRecord(refused) },
    { decision: verdict, asked: [], steps: [{ stage, rule: reason, verdict, reason, evidence }] },
  );
}

/** The session id in a refusal is what its reader can quote to us, and `wachpost explain` takes. */
export function quotable(refused: Reply, session: SmtpSessionFacts): Reply {
  const last = refused.lines.length - 1;
  const lines = refused.lines.map((line, i) => (i === last ? `${line} (${session.id})` : line));
  return { ...refused, lines };
}
