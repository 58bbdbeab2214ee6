/** The attack on our own server: its store beside it, its authority, a mailbox that comes and goes. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Domain } from "../base/domain-name.ts";
import { silentLog } from "../base/log.ts";
import type { Config } from "../config/schema.ts";
import { openStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import { temporaryAccount } from "./attack/account.ts";
import { attack, type AttackOptions, type AttackReport } from "./attack/attack.ts";
import type { AttackAccount } from "./attack/contract.ts";
import { ATTACK_LIMITS } from "./attack/limits.ts";
import { realNet } from "./net.ts";
import { visit } from "./probe-client.ts";
import type { Net } from "./probe.ts";
import { attackedHosts } from "./targets.ts";

export type OwnAttackOptions = AttackOptions & {
  /** A mailbox that is there already; absent: one is made and removed. */
  readonly account?: AttackAccount;
  /** Hears how the mailbox is removed, for a process that may be told to stop meanwhile. */
  readonly untilInterrupted?: (leave: () => Promise<void>) => Disposable;
};

/** Attacks the server that runs with this configuration on this machine; undefined where it has no store. */
export async function attackOurselves(
  config: Config,
  clock: Clock,
  options: OwnAttackOptions = {},
): Promise<AttackReport | undefined> {
  const directory = join(config.data, "store");
  if (!existsSync(directory)) return undefined;
  await using store = await openStore({ directory, log: silentLog, clock });
  const domains = (await store.directory.domains()) as readonly Domain[];
  const [domain] = domains;
  await using lent = await accountFor(options, { config, store, clock, domain });
  using _ = options.untilInterrupted?.(async () => lent[Symbol.asyncDispose]());
  const { account } = lent;
  const net = await attackNet(config, clock);
  const hosts = attackedHosts(config, domains, await ownAuthority(config), net);
  return await attack({ hosts, domain, ...(account === undefined ? {} : { account }) }, net, options);
}

/** The doctor's net, for servers that say a lot. */
export async function attackNet(config: Config | undefined, clock: Clock): Promise<Net> {
  const net = await realNet({ dnsServers: config?.dns.servers ?? [], heloName: config?.hostname }, clock);
  return { ...net, connect: (host) => visit(host, { inputOctetsMax: ATTACK_LIMITS.inputOctetsMax }) };
}

async function ownAuthority({ data, tls }: Config): Promise<string | undefined> {
  const file = join(data, "tls/ca.pem");
  return tls.certificate === undefined && existsSync(file) ? await readFile(file, "utf8") : undefined;
}

type Ours = {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly domain: Domain | undefined;
};
type Lent = AsyncDisposable & { readonly account: AttackAccount | undefined };

async function accountFor(
  { account }: OwnAttackOptions,
  { config, store, clock, domain }: Ours,
): Promise<Lent> {
  if (account !== undefined || domain === undefined)
    return { account, [Symbol.asyncDispose]: async () => {} };
  const { argon2_memory_kib: memory_kib, argon2_passes: passes } = config.passwords;
  return await temporaryAccount({ store, clock, cost: { memory_kib, passes } }, domain);
}
