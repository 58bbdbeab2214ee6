/** Finds out what there is to look at on our own server: its store, its domains, its certificate. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { HASH_COST_MIN } from "../accounts/password-hash.ts";
import { signingRecords } from "../accounts/signing-keys.ts";
import type { Clock } from "../base/clock.ts";
import { parseDomain, type Domain } from "../base/domain-name.ts";
import { silentLog } from "../base/log.ts";
import type { Config } from "../config/schema.ts";
import { openStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import type { Plan } from "./examine.ts";
import { ownServerFacts } from "./net-own-server.ts";
import type { DomainTarget, Net } from "./probe.ts";
import { ownPlan } from "./targets.ts";
import { isTrial } from "./trial.ts";

export type OurselvesAsked = {
  /** Only this domain of ours, and the server. */
  readonly domain?: Domain;
  /** More DKIM selectors to look at. */
  readonly selectors?: readonly string[];
  /** Where backups lie, beside those the server makes. */
  readonly backups?: string;
};

/** Everything of ours, read beside the running server. Undefined where the domain named is not ours. */
export async function planForOurselves(
  config: Config,
  asked: OurselvesAsked,
  net: Net,
): Promise<Plan | undefined> {
  const directory = join(config.data, "store");
  if (!existsSync(directory)) return planWith(config, undefined, asked, net);
  await using store = await openStore({ directory, log: silentLog, clock: net.clock });
  return await planWith(config, store, asked, net);
}

async function planWith(
  config: Config,
  store: Store | undefined,
  { domain, selectors = [], backups }: OurselvesAsked,
  net: Net,
): Promise<Plan | undefined> {
  const ours = store === undefined ? [] : await store.directory.domains();
  const trial = domain === undefined && isTrial(config);
  if (domain !== undefined && !ours.includes(domain)) return undefined;
  const domains: DomainTarget[] = [];
  for (const name of trial ? [] : domain === undefined ? ours : [domain])
    domains.push(await ourDomain(config, store as Store, name as Domain, selectors, net.clock));
  const authorityFile = join(config.data, "tls/ca.pem");
  const hasOwn = config.tls.certificate === undefined && existsSync(authorityFile);
  const authorities = hasOwn ? await readFile(authorityFile, "utf8") : undefined;
  const facts = await ownServerFacts(config, store, backups, net.clock, trial ? undefined : net.dns);
  const plan = await ownPlan({ config, domains, authorities, facts }, net);
  if (!trial) return plan;
  // No DNS knows these domains, but the server has them.
  const taken = ours as readonly Domain[];
  return { ...plan, addresses: [], hosts: plan.hosts.map((host) => ({ ...host, domains: taken })), trial };
}

async function ourDomain(
  config: Config,
  store: Store,
  domain: Domain,
  selectors: readonly string[],
  clock: Clock,
): Promise<DomainTarget> {
  const keys = await signingRecords({ store, clock, cost: HASH_COST_MIN }, domain);
  if (!keys.ok) throw keys.error;
  return { domain, ours: { hostName: parseDomain(config.hostname) as Domain, keys: keys.value }, selectors };
}
