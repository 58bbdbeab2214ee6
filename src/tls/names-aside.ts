/** Names an authority has refused: the others do not wait for them, and they are tried again by and by. */
import { z } from "zod";
import { failurePause_ms } from "./acme-renewal.ts";

export const asideSchema = z.record(z.string(), z.object({ failures: z.number(), until_ms: z.number() }));
/** For each name how often in a row it was refused, and until when it is left out. */
export type Aside = z.infer<typeof asideSchema>;

/** Those that may be asked for now. */
export const notAside = (names: readonly string[], aside: Aside, now_ms: number): readonly string[] =>
  names.filter((name) => now_ms >= (aside[name]?.until_ms ?? 0));

/** With these refused once more: each by its own count, so that a new one need not wait for an old one. */
export function putAside(
  aside: Aside,
  refused: readonly string[],
  now_ms: number,
  pause: { readonly retryAfter_ms: number | undefined; readonly random: number },
): Aside {
  const more = refused.map((name) => {
    const failures = (aside[name]?.failures ?? 0) + 1;
    const until_ms = now_ms + failurePause_ms(failures, pause.retryAfter_ms, pause.random);
    return [name, { failures, until_ms }] as const;
  });
  return { ...aside, ...Object.fromEntries(more) };
}

/** Those that the certificate still does not have. */
export const stillAside = (aside: Aside, has: (name: string) => boolean): Aside =>
  Object.fromEntries(Object.entries(aside).filter(([name]) => !has(name)));
