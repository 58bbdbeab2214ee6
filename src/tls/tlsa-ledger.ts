import { z } from "zod";
import type { AcmeFiles } from "./acme-files.ts";
import { readMessage } from "./acme-messages.ts";
import { sightingSchema, type Sighting } from "./tlsa-rollover.ts";

/** More keys than these nobody has had records of; the oldest are forgotten, their records stay. */
const DIGESTS_MAX = 100;

const ledgerSchema = z.object({
  digests: z.array(z.string().regex(/^[0-9a-f]{64}$/)),
  sighting: sightingSchema.optional(),
});

/** Which records in the zone are ours to take away, and since when the key in use has been seen there. */
export type Ledger = {
  /** SHA-256 of each key that a record was published of; written down before it is published. */
  readonly digests: readonly string[];
  readonly sighting?: Sighting | undefined;
};

const EMPTY: Ledger = { digests: [] };

/** One that cannot be read is an empty one: records of old keys then stay in the zone, which harms nobody. */
export async function readLedger(files: AcmeFiles): Promise<Ledger> {
  const text = await files.read("tlsa-published.json");
  const ledger = text === undefined ? undefined : readMessage(ledgerSchema, text);
  return ledger?.ok === true ? ledger.value : EMPTY;
}

export const writeLedger = (files: AcmeFiles, { digests, sighting }: Ledger): Promise<void> =>
  files.write(
    "tlsa-published.json",
    JSON.stringify({ digests: digests.slice(-DIGESTS_MAX), sighting } satisfies Ledger),
  );
