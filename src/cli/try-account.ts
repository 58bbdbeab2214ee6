import { join } from "node:path";
import { addAccount, addDomain } from "../accounts/manage.ts";
import { HASH_COST_MIN } from "../accounts/password-hash.ts";
import { systemClock } from "../base/clock.ts";
import { silentLog } from "../base/log.ts";
import { openStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import { unwrap } from "./managing.ts";

/** Makes the account of `try` where there is none yet. Returns its password, which is shown once and never again. */
export async function firstAccount(directory: string, login: string): Promise<string | undefined> {
  await using store = await storeIn(directory);
  if ((await store.directory.accountByLogin(login)) !== undefined) return undefined;
  const managing = { store, clock: systemClock, cost: HASH_COST_MIN };
  const domain = login.slice(login.indexOf("@") + 1);
  if (!(await store.directory.hasDomain(domain))) unwrap(await addDomain(managing, domain));
  const made = unwrap(
    await addAccount(managing, {
      login,
      password: { kind: "generate" },
      displayName: "You",
      quota_octets: 0,
      administrator: true,
    }),
  );
  return made.generated?.reveal();
}

/** The account is as if it had never been made. */
export async function takeBack(directory: string, login: string): Promise<void> {
  await using store = await storeIn(directory);
  const account = await store.directory.accountByLogin(login);
  if (account !== undefined) await store.directory.removeAccount(account.id);
}

const storeIn = (directory: string): Promise<Store> =>
  openStore({ directory: join(directory, "store"), log: silentLog, clock: systemClock });
