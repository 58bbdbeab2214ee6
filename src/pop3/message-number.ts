import { err, ok, type Result } from "../base/result.ts";
import { parseNumber } from "./grammar.ts";
import { negative } from "./reply.ts";
import type { Outcome, Transaction } from "./stage.ts";

/** A line or message the command names, or the refusal. Message numbers count from 1. RFC 1939 §5 */
export function findMessage({ maildrop, deleted }: Transaction, text: string): Result<number, Outcome> {
  const number = parseNumber(text, Number.MAX_SAFE_INTEGER);
  if (number === undefined) return err({ reply: negative("A message number is expected"), fault: "syntax" });
  const index = number - 1;
  if (maildrop.messages[index] === undefined || deleted.has(index))
    return err({ reply: negative("No such message") });
  return ok(index);
}

/** Indexes of the messages not marked as deleted, ascending. */
export const remaining = ({ maildrop, deleted }: Transaction): readonly number[] =>
  maildrop.messages.map((_, index) => index).filter((index) => !deleted.has(index));

/** Octets of the messages not marked as deleted. */
export const remainingOctets = (transaction: Transaction): number =>
  remaining(transaction).reduce(
    (sum, index) => sum + (transaction.maildrop.messages[index]?.size_octets ?? 0),
    0,
  );
