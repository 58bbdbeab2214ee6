import { parseDomain } from "../base/domain-name.ts";
import type { Config } from "../config/schema.ts";
import type { Dns } from "../dns/answer.ts";
import type { Store } from "../store/store.ts";

/** Names the web door answers to, beside the host's own, for each domain. */
const PREFIXES = ["mta-sts", "autoconfig", "autodiscover"] as const;
/** The most Let's Encrypt puts into one certificate. */
const NAMES_MAX = 100;

/** The names of the web door for all domains of the store, as they are now. */
export async function webNames(config: Config, store: Store): Promise<readonly string[]> {
  if (!config.listeners.web.enabled) return [];
  const domains = await store.directory.domains();
  return domains.toSorted().flatMap((domain) => PREFIXES.map((prefix) => `${prefix}.${domain}`));
}

/**
 * Of these the ones an authority would find here: their address in the DNS is one of ours. One that leads elsewhere
 * would spoil the order for all the others.
 */
export function namesLeadingHere(
  config: Config,
  { store, dns }: { readonly store: Store; readonly dns: Dns },
): () => Promise<readonly string[]> {
  const here = new Set<string>();
  return async () => {
    const ours = await addressesOf(config.hostname, dns);
    const names = await webNames(config, store);
    // All at once: one domain whose name servers are silent holds up nobody.
    await Promise.all(
      names.map(async (name) => {
        const theirs = await addressesOf(name, dns);
        // While the DNS gives no answer, what was so stays so.
        if (ours === undefined || theirs === undefined) return;
        if (theirs.some((address) => ours.includes(address))) here.add(name);
        else here.delete(name);
      }),
    );
    const room = NAMES_MAX - Math.max(config.tls.acme.names.length, 1);
    return names.filter((name) => here.has(name)).slice(0, room);
  };
}

/** Undefined: the DNS does not say. */
async function addressesOf(text: string, dns: Dns): Promise<readonly string[] | undefined> {
  const name = parseDomain(text);
  if (name === undefined) return [];
  const answers = await Promise.all([dns.query(name, "A"), dns.query(name, "AAAA")]);
  if (answers.some(({ kind }) => kind === "failure")) return undefined;
  return answers.flatMap((answer) => (answer.kind === "records" ? answer.records : []));
}
