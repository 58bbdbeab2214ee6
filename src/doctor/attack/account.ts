import { randomBytes } from "node:crypto";
import { addAccount, removeAccount, type Managing } from "../../accounts/manage.ts";
import type { Domain } from "../../base/domain-name.ts";
import { Secret } from "../../base/secret.ts";
import type { AttackAccount } from "./contract.ts";

const NAME = "wachpost-attack-";
/** Longer than any attack lasts: what is older was left by one that was killed. */
const FORGOTTEN_MS = 3_600_000;

/** A mailbox for one attack, with a password as a person would choose it; gone with everything in it at the end. */
export async function temporaryAccount(
  managing: Managing,
  domain: Domain,
): Promise<AsyncDisposable & { readonly account: AttackAccount }> {
  await removeForgotten(managing);
  const login = `${NAME}${randomBytes(6).toString("hex")}@${domain}`;
  const password = new Secret(randomBytes(18).toString("base64url"));
  const made = await addAccount(managing, {
    login,
    password: { kind: "chosen", password },
    displayName: "Wachpost attacks itself",
    quota_octets: 0,
    administrator: false,
  });
  if (!made.ok) throw made.error;
  return {
    account: { login, password },
    async [Symbol.asyncDispose]() {
      await removeAccount(managing, login);
    },
  };
}

async function removeForgotten(managing: Managing): Promise<void> {
  const before_ms = managing.clock.now() - FORGOTTEN_MS;
  for (const { login, created_ms } of await managing.store.directory.accounts()) {
    if (/^wachpost-attack-[0-9a-f]{12}@/.test(login) && created_ms < before_ms)
      await removeAccount(managing, login);
  }
}
