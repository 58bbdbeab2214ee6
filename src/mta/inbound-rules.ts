/** The rules' questions at each command of a stranger's session, and what is noted of the answers. */
import type { Soon } from "../base/soon.ts";
import type { Judgement } from "../journal/record.ts";
import type { Judged, Policy } from "../policy/contract.ts";
import type { MailTransaction, SmtpSessionFacts } from "../smtp/backend.ts";
import type { Reply } from "../smtp/reply.ts";
import { quotable, replyRecord, senderText } from "./floor.ts";
import type { Visit } from "./visit.ts";

type Asking = { readonly policy: Policy };
type About = Pick<Judgement, "command" | "sender" | "recipient" | "facts">;

export async function judgeConnect(
  { policy }: Asking,
  visit: Visit,
  session: SmtpSessionFacts,
): Promise<Reply | undefined> {
  return refusalOf(
    visit,
    session,
    { command: "connect" },
    await policy.judgeConnect(await visit.facts(undefined)),
  );
}

export function judgeData(
  asking: Asking,
  visit: Visit,
  session: SmtpSessionFacts,
  mail: MailTransaction,
): Soon<Reply | undefined> {
  return visit.trusted ? undefined : judgeStrangersData(asking, visit, session, mail);
}

async function judgeStrangersData(
  { policy }: Asking,
  visit: Visit,
  session: SmtpSessionFacts,
  mail: MailTransaction,
): Promise<Reply | undefined> {
  const facts = await visit.facts(mail);
  const about = { command: "data", sender: senderText(mail), facts } as const;
  return refusalOf(visit, session, about, await policy.judgeData(facts));
}

/** The reply of a judgement that refuses; every judgement is written down. */
export const refusalOf = (
  visit: Visit,
  session: SmtpSessionFacts,
  about: About,
  judged: Judged,
): Reply | undefined => writtenDown(visit, session, about, judged).refusal;

/** Writes a judgement down: its reply, where it refuses, and what was written, which a long session no longer keeps itself. */
export function writtenDown(
  visit: Visit,
  session: SmtpSessionFacts,
  about: About,
  judged: Judged,
): { readonly refusal: Reply | undefined; readonly judgement: Judgement } {
  const { decision, decidedBy, reply } = judged;
  const refusal = decision === "permit" || reply === undefined ? undefined : quotable(reply, session);
  const record = {
    ...about,
    ...(decidedBy === undefined ? {} : { decidedBy }),
    ...(refusal === undefined ? {} : { reply: replyRecord(refusal) }),
  };
  return { refusal, judgement: visit.note(record, judged) };
}
