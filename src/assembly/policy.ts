import type { TrustedForwarders } from "../authentication/dmarc/override.ts";
import { parseDomain } from "../base/domain-name.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Config } from "../config/schema.ts";
import type { Dns } from "../dns/answer.ts";
import type { Policy } from "../policy/contract.ts";
import { checkedPolicy } from "../policy/from-config.ts";
import { Correspondents } from "../policy/correspondents.ts";
import { Greylist } from "../policy/greylist.ts";
import { liveWorld } from "../policy/live-world.ts";
import { listSites } from "../policy/policy-lists.ts";
import { createPolicy } from "../policy/policy.ts";
import { networksOf } from "../policy/settings.ts";

import { ZoneBook } from "../policy/zone-health.ts";
import type { Store } from "../store/store.ts";

/** DNS lists are tested for life this often (D-03). */
const ZONES_MS = 3_600_000;

export type PolicyTools = {
  readonly store: Store;
  readonly dns: Dns;
  readonly clock: Clock;
  readonly log: Log;
};

/** Whom the verdict of DMARC yields to. */
export const dmarcTrusted = ({ policy }: Config): TrustedForwarders => ({
  networks: networksOf(policy.dmarc_forwarders.join(" ")),
  names: policy.dmarc_forwarder_names.flatMap((name) => parseDomain(name) ?? []),
  sealers: policy.dmarc_trusted_sealers.flatMap((name) => parseDomain(name) ?? []),
});

/** The policy of the running server: rules from the configuration, tables from the store, zones tested every hour. */
export function startPolicy(
  config: Config,
  tools: PolicyTools,
): Policy & AsyncDisposable & { readonly deadLists: () => readonly string[] } {
  const { dns, clock, log } = tools;
  const lists = checkedPolicy(config);
  const zones = new ZoneBook();
  const over = new AbortController();
  const testing = testZones();
  const { tables } = tools.store;
  const memory = {
    greylist: new Greylist(tables, clock),
    correspondents: new Correspondents(tables, clock),
  };
  const world = liveWorld(dns, tables, zones, clock, memory);
  const policy = createPolicy(() => lists, world);
  return {
    ...policy,
    deadLists: () => zones.off(),
    async [Symbol.asyncDispose]() {
      over.abort(new Error("shutting down"));
      await testing;
    },
  };

  async function testZones(): Promise<void> {
    while (!over.signal.aborted) {
      const changed = await zones.check(listSites(lists), dns);
      // When all of them say nothing, it is our resolver that cannot reach the world.
      const unreachable =
        changed.length === new Set(listSites(lists).map(({ zone }) => zone)).size &&
        changed.every(({ health }) => health.state !== "alive");
      if (unreachable) log.write("info", "policy.no-lists", { zones: changed.length });
      else
        for (const { zone, health } of changed)
          log.write("warn", "policy.zone", { zone, state: health.state });
      await clock.sleep(ZONES_MS, over.signal).catch(() => {});
    }
  }
}
