import type { DoorRecord } from "./door-tally.ts";
import { exceptionCommand } from "./exception.ts";
import type { Teller } from "./teller.ts";
import { wordsOf } from "./words/catalogue.ts";
import { fill, type Values } from "./words/fill.ts";
import type { Exception, Words } from "./words/language.ts";

/** Refusals at the door, oldest first: one sentence for all of a client and reason, then why and what helps. */
export function tellDoors(teller: Teller, doors: readonly DoorRecord[]): string[] {
  // A record says what the one before it with the same id says, and more.
  const last = [...new Map(doors.map((one) => [one.id, one])).values()];
  const groups = Map.groupBy(last, ({ client, reason }) => `${reason} ${client}`);
  return [...groups.values()].flatMap((group) => {
    const newest = group.at(-1);
    if (newest === undefined) return [];
    const count = group.reduce((sum, one) => sum + one.count, 0);
    const since_ms = Math.min(...group.map((one) => one.since_ms));
    const values: Values = {
      time: teller.time(since_ms),
      last: teller.time(newest.at_ms),
      client: newest.client,
      door: DOORS[newest.door]?.[teller.language] ?? newest.door,
      count: count > 1 ? count : undefined,
      id: newest.id,
      ...banValues(teller, newest),
    };
    const many = newest.client === "" ? "doorMany" : "doorRefused";
    const again = since_ms === newest.at_ms ? [] : [`  ${teller.say("doorLast", values)}`];
    return [teller.say(many, values), ...again, ...tellReason(teller, newest, values)];
  });
}

/** Where its name in records is not what a reader calls it. */
const DOORS: Readonly<Record<string, Words>> = { users: { en: "submission", de: "Einlieferung" } };

/** What an operator can do about it here, where no list of rules was asked. */
const COMMANDS: Readonly<Record<string, Exception>> = {
  banned: "lift-ban",
  "connection-rate": "spare-client",
  "early-talk": "spare-client",
  "rate-limited": "spare-client",
};

function tellReason(teller: Teller, { reason }: DoorRecord, values: Values): string[] {
  const { language } = teller;
  const words = wordsOf(reason);
  if (words === undefined) return [`  ${teller.say("why")} ${teller.say("unworded", { reason })}`];
  const kind = COMMANDS[reason];
  const command = kind && exceptionCommand(kind, values);
  return [
    `  ${teller.say("why")} ${fill(words.why, language, values)}`,
    ...(words.help === undefined ? [] : [`  ${teller.say("help")} ${fill(words.help, language, values)}`]),
    ...(command === undefined ? [] : [`  ${teller.say("command")} ${command}`]),
  ];
}

function banValues(teller: Teller, { ban }: DoorRecord): Values {
  if (ban === undefined) return {};
  const { network, offence, until_ms } = ban;
  return { network, offence, ...(until_ms === undefined ? {} : { until: teller.time(until_ms) }) };
}
