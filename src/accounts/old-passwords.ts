import type { Store } from "../store/store.ts";
import { isTooOld, type PasswordAges } from "./standing.ts";

/** An own password to be renewed. */
export type OldPassword = {
  readonly login: string;
  /** Of an administrator: from then on it opens nothing. Undefined: it goes on working. */
  readonly opensUntil_ms?: number;
};

/** An administrator is told this long before his password opens nothing any more. */
const AHEAD_MS = 14 * 86_400_000;

/** Whose own passwords are past their age, and whose will soon lock them out; nobody's where there is no rule. */
export async function oldPasswords(
  { directory }: Pick<Store, "directory">,
  ages: PasswordAges,
  now_ms: number,
): Promise<readonly OldPassword[]> {
  if (ages.everybody_ms === Infinity && ages.administrators_ms === Infinity) return [];
  const found: OldPassword[] = [];
  for (const account of await directory.accounts()) {
    if (account.disabled) continue;
    const own = (await directory.credentials(account.id)).find(({ kind }) => kind === "password");
    if (own === undefined) continue;
    const { login, administrator } = account;
    const opensUntil_ms = own.created_ms + ages.administrators_ms;
    if (administrator && now_ms > opensUntil_ms - AHEAD_MS) found.push({ login, opensUntil_ms });
    else if (isTooOld(account, own, ages, now_ms)) found.push({ login });
  }
  return found;
}
