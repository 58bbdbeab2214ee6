import type { AccountRow, CredentialRow } from "../store/store.ts";
import type { AuthProtocol } from "./contract.ts";

/** How old passwords may become; Infinity: as old as they like. */
export type PasswordAges = { readonly everybody_ms: number; readonly administrators_ms: number };

const DAY_MS = 86_400_000;
const daysOf = (days: number): number => (days === 0 ? Infinity : days * DAY_MS);

/** From the settings, where 0 says: no limit. */
export const passwordAges = (settings: {
  readonly max_age_days: number;
  readonly admin_max_age_days: number;
}): PasswordAges => ({
  everybody_ms: daysOf(settings.max_age_days),
  administrators_ms: daysOf(settings.admin_max_age_days),
});

/**
 * May this credential open this protocol at all? A scoped one opens its protocols and nothing else (F-11); where the
 * account says so its own password opens none (F-10).
 */
export function mayOpen(account: AccountRow, credential: CredentialRow, protocol: AuthProtocol): boolean {
  if (account.disabled || credential.account !== account.id) return false;
  if (credential.kind === "password" && account.appPasswordsOnly) return false;
  return credential.scopes.length === 0 || credential.scopes.includes(protocol);
}

type Person = Pick<AccountRow, "administrator">;
type Password = Pick<CredentialRow, "kind" | "created_ms">;

/**
 * An administrator's password past its age opens nothing until it is renewed. Other people's passwords go on working:
 * they are only reminded, since who cannot log in cannot read the reminder.
 */
export const isExpired = (person: Person, password: Password, ages: PasswordAges, now_ms: number): boolean =>
  person.administrator &&
  password.kind === "password" &&
  now_ms - password.created_ms > ages.administrators_ms;

/** Older than the rule for this person says; the stricter of two rules counts for an administrator. */
export function isTooOld(person: Person, password: Password, ages: PasswordAges, now_ms: number): boolean {
  const limit_ms = person.administrator
    ? Math.min(ages.everybody_ms, ages.administrators_ms)
    : ages.everybody_ms;
  return password.kind === "password" && now_ms - password.created_ms > limit_ms;
}
