import { createHash } from "node:crypto";
import { asciiLower } from "../base/ascii.ts";
import type { Clock } from "../base/clock.ts";
import type { TableReads, TableWrites } from "../store/store.ts";

/** Access table of whom our users write to. */
export const CORRESPONDENTS_TABLE = "correspondents";
/** Half a year: an answer may take its time, and who is written to again stays known. */
const KNOWN_MS = 180 * 86_400_000;
/** Told again only after a while, so that a busy correspondence costs no write each time. */
const RENEW_MS = 30 * 86_400_000;

/** Question of the rules: has one of our users written to this address? 1: yes; 0: no. */
export const correspondentQuestion = (address: string): string =>
  `${CORRESPONDENTS_TABLE} ${asciiLower(address)}`;

type Tables = Pick<TableReads, "accessLookup"> & Pick<TableWrites, "putAccess">;

/** Remembers whom our users have written to, as digests: the table is for rules, not for reading. */
export class Correspondents {
  readonly #tables: Tables;
  readonly #clock: Clock;

  constructor(tables: Tables, clock: Clock) {
    this.#tables = tables;
    this.#clock = clock;
  }

  async isKnown(address: string): Promise<boolean> {
    return (
      (await this.#tables.accessLookup(CORRESPONDENTS_TABLE, keyOf(address), this.#clock.now())) !== undefined
    );
  }

  async add(address: string): Promise<void> {
    const now_ms = this.#clock.now();
    const row = await this.#tables.accessLookup(CORRESPONDENTS_TABLE, keyOf(address), now_ms);
    if (row !== undefined && now_ms - row.created_ms < RENEW_MS) return;
    const said = { value: "DUNNO", reason: "was written to", author: "submission" };
    const row_ms = { created_ms: now_ms, expires_ms: now_ms + KNOWN_MS };
    await this.#tables.putAccess({ table: CORRESPONDENTS_TABLE, key: keyOf(address), ...said, ...row_ms });
  }
}

const keyOf = (address: string): string =>
  createHash("sha256").update(asciiLower(address)).digest("hex").slice(0, 40);
