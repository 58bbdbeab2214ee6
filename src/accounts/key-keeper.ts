import { generatePrivateKey, keyRecord, readSigningKey } from "../authentication/dkim/key-pair.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Dns } from "../dns/answer.ts";
import type { SigningKeyRow, Store } from "../store/store.ts";
import { NOT_YET_MS, rotationSteps, type RotationStep } from "./key-rotation.ts";
import { SIGNING_ALGORITHMS, selectorFor } from "./signing-keys.ts";

type Tools = { readonly store: Store; readonly dns: Dns; readonly clock: Clock; readonly log: Log };

const seenSetting = (domain: string, selector: string): string =>
  `dkim-seen:${selector}._domainkey.${domain}`;

/**
 * Renews the signing keys of every domain with overlap (G-10): a new key is made, waits until its record has been in the
 * DNS long enough, signs; the old one stays published for a while. The operator is told what to publish; nothing ever
 * signs with a key that cannot be looked up.
 */
export async function keepKeys(tools: Tools): Promise<void> {
  for (const domain of await tools.store.directory.domains()) {
    const rows = await tools.store.directory.signingKeys(domain);
    for (const algorithm of SIGNING_ALGORITHMS) {
      const keys = rows.filter((row) => row.algorithm === algorithm);
      const seen = await seenSince(tools, keys);
      const steps = rotationSteps(keys, seen, tools.clock.now());
      for (const step of steps) await perform(tools, domain, algorithm, keys, step);
    }
  }
}

/** Looks for the records of waiting keys; a gap starts the waiting anew. */
async function seenSince(tools: Tools, keys: readonly SigningKeyRow[]): Promise<ReadonlyMap<string, number>> {
  const { store, clock } = tools;
  const seen = new Map<string, number>();
  for (const row of keys.filter(({ active_ms }) => active_ms === NOT_YET_MS)) {
    const setting = seenSetting(row.domain, row.selector);
    const since = Number((await store.directory.setting(setting)) ?? 0);
    const published = await isPublished(tools, row);
    // No answer is no gap: the record is as it was.
    if (published === "unknown") {
      if (since > 0) seen.set(row.selector, since);
    } else if (published === "no") {
      if (since > 0) await store.directory.putSetting(setting, "0");
    } else {
      if (since === 0) await store.directory.putSetting(setting, String(clock.now()));
      seen.set(row.selector, since === 0 ? clock.now() : since);
    }
  }
  return seen;
}

async function isPublished({ dns, log }: Tools, row: SigningKeyRow): Promise<"yes" | "no" | "unknown"> {
  const key = readSigningKey(row);
  if (key === undefined) return "no";
  const { name, text } = keyRecord(key);
  const answer = await dns.query(name, "TXT");
  if (answer.kind === "failure") return "unknown";
  const wanted = keyOf(text);
  if (answer.kind === "records" && answer.records.some((record) => keyOf(record) === wanted)) return "yes";
  log.write("warn", "dkim.publish", { name, text });
  return "no";
}

/** The key itself; operators write the other tags as they like. */
const keyOf = (record: string): string => /(?:^|;)\s*p=([^;]*)/.exec(record)?.[1]?.replace(/\s/g, "") ?? "";

async function perform(
  { store, clock, log }: Tools,
  domain: string,
  algorithm: SigningKeyRow["algorithm"],
  keys: readonly SigningKeyRow[],
  step: RotationStep,
): Promise<void> {
  const now_ms = clock.now();
  switch (step.kind) {
    case "prepare": {
      const selector = selectorFor(algorithm, now_ms);
      if (keys.some((key) => key.selector === selector)) return;
      const privateKey = await generatePrivateKey(algorithm);
      await store.directory.putSigningKey({
        domain,
        selector,
        algorithm,
        privateKey,
        created_ms: now_ms,
        active_ms: NOT_YET_MS,
      });
      log.write("info", "dkim.prepared", { domain, selector });
      return;
    }
    case "activate": {
      const next = keys.find(({ selector }) => selector === step.selector);
      if (next === undefined) return;
      await store.directory.putSigningKey({ ...next, active_ms: now_ms });
      for (const old of keys.filter((key) => key.active_ms <= now_ms && key.retired_ms === undefined))
        await store.directory.putSigningKey({ ...old, retired_ms: now_ms });
      log.write("info", "dkim.activated", { domain, selector: step.selector });
      return;
    }
    case "remove":
      await store.directory.removeSigningKey(domain, step.selector);
      log.write("info", "dkim.removed", { domain, selector: step.selector });
  }
}
