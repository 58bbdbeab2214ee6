import { setImmediate as nextTurn } from "node:timers/promises";
import type { MailboxId } from "../base/mail-ids.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { ImapRefusal } from "../imap/backend.ts";
import type { SearchKey } from "../imap/search-key.ts";
import type { MailReads, MessageRow } from "../store/store.ts";
import { searchStopped } from "./events.ts";
import { lowerBound } from "./recent-marks.ts";
import {
  compileKey,
  needsOnlyFlags,
  textsOf,
  uidBound,
  type Matcher,
  type SearchFacts,
} from "./search-match.ts";
import { readBody, readHeader } from "./search-text.ts";
import type { MailboxTools } from "./tools.ts";

/**
 * Uids of the view that match, ascending. Looks at index rows first, at outlines where those do not decide, at header
 * octets next and at bodies last; the answer is that of looking at everything. RFC 9051 §6.4.4
 */
export async function search(
  tools: MailboxTools,
  mailbox: MailboxId,
  key: SearchKey,
  view: Uint32Array,
): Promise<Result<Uint32Array, ImapRefusal>> {
  const { clock, limits, log, store } = tools;
  if (textsOf(key) > limits.searchTexts)
    return err({ code: "LIMIT", text: `A search looks for at most ${limits.searchTexts} texts` });
  const start_ms = clock.now();
  const matcher = compileKey(key, start_ms);
  const found: number[] = [];
  let turn_ms = start_ms;
  for await (const row of candidates(store.mail, mailbox, key, narrowed(key, view))) {
    if (await matches(store.mail, matcher, row)) found.push(row.uid);
    const now_ms = clock.now();
    if (now_ms - start_ms > limits.search_ms) {
      searchStopped(log, mailbox, view.length, now_ms - start_ms);
      return err({ code: "LIMIT", text: "The search took too long" });
    }
    if (now_ms - turn_ms < limits.searchTurn_ms) continue;
    await nextTurn();
    turn_ms = clock.now();
  }
  return ok(Uint32Array.from(found));
}

/** Rows of the view; only their flags where those are all the key asks for. */
async function* candidates(
  mail: MailReads,
  mailbox: MailboxId,
  key: SearchKey,
  view: Uint32Array,
): AsyncGenerator<SearchFacts["row"] | MessageRow> {
  const batches = needsOnlyFlags(key) ? mail.flags(mailbox, view) : mail.messages(mailbox, view);
  for await (const batch of batches) yield* batch;
}

/** The part of the view the key's uid ranges leave. */
function narrowed(key: SearchKey, view: Uint32Array): Uint32Array {
  const bound = uidBound(key);
  if (bound === undefined) return view;
  const pieces = bound.map(([from, to]) => view.subarray(lowerBound(view, from), lowerBound(view, to + 1)));
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  // Ranges may overlap; a uid is asked for once.
  return Uint32Array.from(new Set(pieces.flatMap((piece) => [...piece]))).sort();
}

/** A message that goes away while we look matches nothing. */
async function matches(mail: MailReads, matcher: Matcher, row: SearchFacts["row"]): Promise<boolean> {
  const byRow = matcher({ row });
  if (byRow !== undefined) return byRow;
  const { blob } = row;
  if (blob === undefined) return false;
  const outline = await mail.outline(blob);
  if (outline === undefined) return false;
  const byOutline = matcher({ row, outline });
  if (byOutline !== undefined) return byOutline;
  const header = await readHeader(mail, blob, outline);
  const byHeader = header && matcher({ row, outline, header });
  if (header === undefined || byHeader !== undefined) return byHeader ?? false;
  const body = await readBody(mail, blob, outline);
  return (body && matcher({ row, outline, header, body })) ?? false;
}
