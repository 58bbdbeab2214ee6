/** One session, said to Postfix over the wire and put to our rules; what each answered, command by command. */
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Dns } from "../../../src/dns/answer.ts";
import { liveAsk, type World } from "../../../src/policy/ask.ts";
import type { Judged } from "../../../src/policy/contract.ts";
import { evaluate } from "../../../src/policy/evaluate.ts";
import type { PolicyFacts } from "../../../src/policy/facts.ts";
import { readPolicy, type PolicyLists } from "../../../src/policy/policy-lists.ts";
import { networksOf } from "../../../src/policy/settings.ts";
import { TableShelf } from "../../../src/policy/table-shelf.ts";
import { CLASSES, DOMAIN, NETWORKS, TABLES, USERS, type Rules, type Session } from "./sessions.ts";

/** Longest wait for a reply of Postfix. */
const ANSWER_MS = 60_000;

export function ourLists(rules: Rules): PolicyLists {
  const texts = Object.fromEntries(Object.entries(rules).map(([list, text]) => [list, { text }]));
  const classes = Object.fromEntries(Object.entries(CLASSES).map(([name, text]) => [name, { text }]));
  const settings = { networks: networksOf(NETWORKS), senderAllowNeedsProof: false };
  const { lists, findings } = readPolicy({ ...texts, classes, settings });
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return lists;
}

export function ourWorld(lists: PolicyLists, dns: Dns): World {
  const shelf = new TableShelf(lists.settings);
  for (const [name, { kind, text }] of Object.entries(TABLES)) shelf.load(name, kind, text);
  return {
    dns,
    lookUp: async (table, search) => shelf.lookUp(table, search),
    listState: () => "on",
    count: async () => 0,
    now: () => Date.now(),
  };
}

export const isOurs = (address: string): boolean =>
  address.toLowerCase().endsWith(`@${DOMAIN}`) && !address.includes("%");
const exists = (address: string): boolean =>
  !isOurs(address) || USERS.includes(address.toLowerCase().replace(/\+[^@]*/, ""));

function factsOf(session: Session, recipient: string | undefined, recipientCount: number): PolicyFacts {
  const { address, name, named, helo, sender } = session;
  const state = named === "tempfail" ? "tempfail" : "unknown";
  return {
    clientAddress: address,
    clientName: named === "ok" ? name : "unknown",
    clientNameState: named === "ok" ? "ok" : state,
    reverseClientName: named === "ok" || named === "reverse" ? name : "unknown",
    reverseClientNameState: named === "ok" || named === "reverse" ? "ok" : state,
    helo,
    sender,
    ...(recipient === undefined ? {} : { recipient }),
    recipientCount,
    encrypted: false,
    earlyTalk: false,
    recipientIsOurs: recipient !== undefined && isOurs(recipient),
    recipientExists: recipient === undefined || exists(recipient),
    mayRelay: false,
    senderIsOurs: isOurs(sender),
    senderExists: exists(sender),
    senderOwner: "nobody",
  };
}

/** What a client is told, and how we came to it. */
export type Told = { readonly line: string; readonly judged: Judged };

/** Also what he had been told under other rules. */
export type OurAnswer = Told & { readonly under: (rules: Rules) => Promise<Told> };

export async function ours(lists: PolicyLists, world: World, session: Session): Promise<OurAnswer[]> {
  const answers: OurAnswer[] = [];
  const accepted: string[] = [];
  const say = async (command: "rcpt" | "data", facts: PolicyFacts, yes: string): Promise<void> => {
    const answer = async (by: PolicyLists): Promise<Told> => {
      const judged = await evaluate(by, command, facts, liveAsk(world));
      const { reply } = judged;
      const line = reply === undefined ? yes : `${reply.code} ${reply.enhanced} ${reply.lines.join(" ")}`;
      return { line, judged };
    };
    const { line, judged } = await answer(lists);
    answers.push({ line, judged, under: (rules) => answer(ourLists(rules)) });
    if (judged.reply === undefined && facts.recipient !== undefined) accepted.push(facts.recipient);
  };
  for (const recipient of session.recipients) {
    await say("rcpt", factsOf(session, recipient, accepted.length), "250 2.1.5 Ok");
  }
  if (accepted.length === 0) return answers;
  const only = accepted.length === 1 ? accepted[0] : undefined;
  await say("data", factsOf(session, only, accepted.length), "354");
  return answers;
}

export async function postfix(port: number, session: Session): Promise<string[]> {
  const socket: Socket = connect(port, "127.0.0.1");
  // The answer is then "closed", and that is a difference.
  socket.setTimeout(ANSWER_MS, () => socket.destroy());
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) return "closed";
      if (value.charAt(3) !== "-") return value;
    }
  };
  const say = (line: string): Promise<string> => {
    socket.write(`${line}\r\n`);
    return answer();
  };
  await answer();
  const { address, name, named } = session;
  const absent = named === "tempfail" ? "[TEMPUNAVAIL]" : "[UNAVAILABLE]";
  const names = `NAME=${named === "ok" ? name : absent} REVERSE_NAME=${named === "ok" || named === "reverse" ? name : absent}`;
  await say(`XCLIENT ${names} ADDR=${address}`);
  await say(`EHLO ${session.helo}`);
  const answers: string[] = [];
  const mail = await say(`MAIL FROM:<${session.sender}>`);
  if (!mail.startsWith("250")) answers.push(`MAIL ${mail}`);
  let accepted = 0;
  for (const recipient of session.recipients) {
    const line = await say(`RCPT TO:<${recipient}>`);
    if (line.startsWith("250")) accepted++;
    answers.push(line);
  }
  if (accepted > 0) answers.push((await say("DATA")).replace(/^354.*/, "354"));
  socket.destroy();
  return answers;
}
