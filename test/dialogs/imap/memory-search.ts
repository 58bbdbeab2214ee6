import type { SearchKey } from "../../../src/imap/search-key.ts";
import { parseDate } from "../../../src/message/date.ts";
import { findField, findFields, headerEnd } from "../../../src/message/header.ts";
import { decodedHeader } from "../../../src/message/text.ts";
import type { Stored } from "./memory-backend.ts";

/** Does a message match? The plainest reading of the keys, for tests to compare with. */
export function matches(key: SearchKey, message: Stored): boolean {
  const { octets, uid } = message;
  switch (key.kind) {
    case "all":
      return true;
    case "and":
      return key.keys.every((one) => matches(one, message));
    case "or":
      return matches(key.left, message) || matches(key.right, message);
    case "not":
      return !matches(key.key, message);
    case "uids":
      return key.ranges.some(([from, to]) => uid >= from && uid <= to);
    case "flag":
      return message.flags.some((flag) => flag.toLowerCase() === key.flag.toLowerCase());
    case "header":
      return findFields(octets, key.field).some((value) => holds(decodedHeader(value), key.text));
    case "body":
      return holds(octets.toString("utf8", headerEnd(octets)), key.text);
    case "text":
      return holds(octets.toString("utf8"), key.text);
    case "larger":
      return octets.length > key.octets;
    case "smaller":
      return octets.length < key.octets;
    case "date":
      return compareDay(dayOf(key.of, message), key.relation, key.day);
    case "within":
      return Date.now() - message.internalDate_ms <= key.seconds * 1000 === (key.relation === "younger");
    case "modseq":
      return message.modSeq >= key.modSeq;
    case "emailid":
      return message.emailId === key.id;
    case "threadid":
      return `T${message.emailId.slice(1)}` === key.id;
  }
}

const holds = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase());

function dayOf(of: "internal" | "sent" | "saved", message: Stored): string {
  if (of !== "sent") return isoDay(of === "internal" ? message.internalDate_ms : message.saved_ms);
  const sent = parseDate(findField(message.octets, "date") ?? "");
  return sent === undefined ? "" : isoDay(sent.epoch_ms + sent.zone_minutes * 60_000);
}

const isoDay = (epoch_ms: number): string => new Date(epoch_ms).toISOString().slice(0, 10);

function compareDay(day: string, relation: "before" | "on" | "since", wanted: string): boolean {
  if (day === "") return false;
  return relation === "before" ? day < wanted : relation === "on" ? day === wanted : day >= wanted;
}
