import { tellDeliveries, tellFates, tellMessage } from "./explain-delivery.ts";
import { tellDoors } from "./explain-door.ts";
import { tellJudgements } from "./explain-judgement.ts";
import { tellLogins } from "./explain-login.ts";
import type { JournalRecord, SessionFacts } from "./record.ts";
import { teller, type Teller } from "./teller.ts";
import type { Values } from "./words/fill.ts";
import type { Language } from "./words/language.ts";

export type ExplainOptions = {
  /** An IANA name like `Europe/Berlin`; times are told in UTC and there. */
  readonly zone?: string;
  /** Not everything that belongs here was gathered. */
  readonly more?: boolean;
};

type Of<K extends JournalRecord["kind"]> = Extract<JournalRecord, { readonly kind: K }>;

/** What belongs together: a session and what it brought, or a message whose session is not known. */
type Story = {
  readonly at_ms: number;
  readonly sessions: Of<"session">[];
  readonly messages: Of<"message">[];
  readonly deliveries: Of<"delivery">[];
  readonly fates: Of<"fate">[];
  readonly logins: Of<"login">[];
  readonly doors: Of<"door">[];
};

/**
 * Tells records in sentences: what happened, which rule decided and on what evidence, what would have let it through,
 * what became of it later. One line per sentence, an empty one between stories. Text from outside is made harmless.
 */
export function explain(
  records: readonly JournalRecord[],
  language: Language,
  options: ExplainOptions = {},
): string[] {
  const tell = teller(language, options.zone);
  if (records.length === 0) return [tell.say("nothing")];
  const lines = storiesOf(records).flatMap((story, i) => [...(i > 0 ? [""] : []), ...tellStory(tell, story)]);
  if (options.more === true) lines.push("", tell.say("moreFound"));
  return lines;
}

/** Sessions gather their messages, messages their tries and fates; logins without a session stand together. */
function storiesOf(records: readonly JournalRecord[]): readonly Story[] {
  const sorted = [...records].sort((a, b) => a.at_ms - b.at_ms);
  const sessionOf = new Map(sorted.flatMap((one) => (one.kind === "message" ? [[one.id, one.session]] : [])));
  const sessions = new Set(sorted.flatMap((one) => (one.kind === "session" ? [one.id] : [])));
  const stories = new Map<string, Story>();
  for (const record of sorted) {
    const id = keyOf(record, sessionOf, sessions);
    const story = stories.get(id) ?? emptyStory(record.at_ms);
    stories.set(id, story);
    if (record.kind === "session") story.sessions.push(record);
    else if (record.kind === "message") story.messages.push(record);
    else if (record.kind === "delivery") story.deliveries.push(record);
    else if (record.kind === "fate") story.fates.push(record);
    else if (record.kind === "door") story.doors.push(record);
    else story.logins.push(record);
  }
  return [...stories.values()];
}

function keyOf(
  record: JournalRecord,
  sessionOf: ReadonlyMap<string, string>,
  sessions: ReadonlySet<string>,
): string {
  if (record.kind === "login") return sessions.has(record.id) ? `session ${record.id}` : "logins";
  if (record.kind === "door") return `door ${record.client}`;
  if (record.kind === "session") return `session ${record.id}`;
  // A message that was written here has an empty session.
  const session = sessionOf.get(record.id);
  return session ? `session ${session}` : `message ${record.id}`;
}

const emptyStory = (at_ms: number): Story => ({
  at_ms,
  sessions: [],
  messages: [],
  deliveries: [],
  fates: [],
  logins: [],
  doors: [],
});

function tellStory(tell: Teller, { sessions, messages, deliveries, fates, logins, doors }: Story): string[] {
  const lines = sessions.flatMap((session) => tellFacts(tell, session.facts, startOf(session, messages)));
  lines.push(...tellLogins(tell, logins), ...tellDoors(tell, doors));
  const facts = sessions[0]?.facts;
  const values: Values =
    facts === undefined ? {} : { client: facts.clientAddress, helo: facts.helo, login: facts.login };
  const judgements = sessions.flatMap((session) => session.judgements);
  // The judgement of a message is told with the message.
  const told = new Set(messages.map(({ judgement }) => judgement?.at_ms));
  const early = judgements.filter(({ command, at_ms }) => command !== "message" || !told.has(at_ms));
  lines.push(...tellJudgements(tell, early, values));
  for (const message of messages) {
    lines.push(...tellMessage(tell, message, judgements, values));
    lines.push(
      ...tellDeliveries(
        tell,
        deliveries.filter(({ id }) => id === message.id),
      ),
    );
    lines.push(
      ...tellFates(
        tell,
        fates.filter(({ id }) => id === message.id),
      ),
    );
  }
  const known = new Set(messages.map(({ id }) => id));
  lines.push(
    ...tellDeliveries(
      tell,
      deliveries.filter(({ id }) => !known.has(id)),
    ),
  );
  lines.push(
    ...tellFates(
      tell,
      fates.filter(({ id }) => !known.has(id)),
    ),
  );
  const quiet = judgements.every(({ decision }) => decision === "permit");
  if (sessions.length > 0 && messages.length === 0 && quiet && logins.length === 0)
    lines.push(tell.say("sessionEmpty"));
  if ([...sessions, ...messages, ...deliveries].some(({ cut }) => cut === true)) lines.push(tell.say("cut"));
  return lines;
}

/** A session is written down at its end. */
const startOf = ({ at_ms, judgements }: Of<"session">, messages: readonly Of<"message">[]): number =>
  Math.min(at_ms, ...judgements.map((one) => one.at_ms), ...messages.map((one) => one.at_ms));

function tellFacts(tell: Teller, facts: SessionFacts, at_ms: number): string[] {
  const { clientName, clientAddress: client, helo, session, profile, login, tls } = facts;
  const values = { time: tell.time(at_ms), client, helo, session };
  return [
    clientName === "unknown"
      ? tell.say("sessionNameless", values)
      : tell.say("session", { ...values, name: clientName }),
    tell.say(profile, { login }),
    tls === undefined ? tell.say("plain") : tell.say("encrypted", { protocol: tls.protocol }),
  ];
}
