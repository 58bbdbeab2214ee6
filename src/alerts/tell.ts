import type { Addresses } from "../accounts/contract.ts";
import { randomId } from "../base/ids.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Config } from "../config/schema.ts";
import { localSubmission } from "../mta/local-submission.ts";
import { Signer } from "../mta/signer.ts";
import type { Clock } from "../base/clock.ts";
import type { Store } from "../store/store.ts";
import type { AlertChange } from "./book.ts";
import { letter } from "./letter.ts";
import { ALERT_LIMITS } from "./limits.ts";
import { send } from "./post.ts";
import { webhookPost } from "./webhook.ts";

export type Telling = {
  readonly config: Pick<Config, "hostname" | "alerts">;
  readonly store: Store;
  readonly addresses: Addresses;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
};

/** How it went on one way. */
export type Told = {
  readonly way: "mail" | "webhook";
  readonly to: string;
  readonly result: Result<undefined, string>;
};

/** Tells by every way there is; one that fails keeps no other from it (G-14). */
export async function tell(changes: readonly AlertChange[], telling: Telling): Promise<readonly Told[]> {
  const told = await Promise.all([byMail(changes, telling), byWebhook(changes, telling)]);
  return told.filter((one) => one !== undefined);
}

/** Tells the same, and what a way did not take before: an alert that was lost would never be told again. */
export class Teller {
  readonly #owed = new Map<Told["way"], readonly AlertChange[]>();

  /** The failures that are news. */
  async tell(changes: readonly AlertChange[], telling: Telling): Promise<readonly Told[]> {
    const ways = [
      ["mail", byMail],
      ["webhook", byWebhook],
    ] as const;
    const told = await Promise.all(
      ways.map(async ([way, by]) => {
        const before = this.#owed.get(way) ?? [];
        const due = [...before, ...changes].slice(-ALERT_LIMITS.alertsMax);
        const one = due.length === 0 ? undefined : await by(due, telling);
        const failed = one?.result.ok === false;
        this.#owed.set(way, failed ? due : []);
        return failed && before.length === 0 ? one : undefined;
      }),
    );
    return told.filter((one) => one !== undefined);
  }

  get owes(): boolean {
    return [...this.#owed.values()].some((due) => due.length > 0);
  }
}

async function byMail(changes: readonly AlertChange[], telling: Telling): Promise<Told | undefined> {
  const { alerts } = telling.config;
  if (!alerts.mail_enabled) return undefined;
  const from = await senderOf(telling);
  if (from === undefined)
    return { way: "mail", to: alerts.mail ?? "", result: err("there is no domain to send from yet") };
  const to = alerts.mail ?? from;
  const result = await mailed(changes, { from, to }, telling).catch((error: unknown) => err(String(error)));
  return { way: "mail", to, result };
}

/** The postmaster of the domain this server's name is in, or of its first one. */
async function senderOf({ config, store }: Telling): Promise<string | undefined> {
  const domains = await store.directory.domains();
  const own = domains.find((domain) => `.${config.hostname}`.endsWith(`.${domain}`)) ?? domains.toSorted()[0];
  return own === undefined ? undefined : `postmaster@${own}`;
}

async function mailed(
  changes: readonly AlertChange[],
  { from, to }: { readonly from: string; readonly to: string },
  { config, store, addresses, clock }: Telling,
): Promise<Result<undefined, string>> {
  const { hostname: hostName, alerts } = config;
  const [id, now_ms] = [randomId(), clock.now()];
  const unsigned = letter(changes, { hostName, from, to, now_ms, id }, alerts.language);
  const octets = Buffer.concat([await new Signer(store, clock).signatures(unsigned), unsigned]);
  const prepared = await localSubmission(
    { octets, recipients: [to], fromHeader: false, sender: from },
    addresses,
    { hostName, id, now_ms },
  );
  if (!prepared.ok) return err(prepared.error.text);
  const outcomes = await store.mail.deliver(prepared.value);
  return outcomes.every(({ kind }) => kind === "stored") ? ok(undefined) : err("the mailbox is full");
}

async function byWebhook(
  changes: readonly AlertChange[],
  { config, signal }: Telling,
): Promise<Told | undefined> {
  const { webhook, webhook_format, language } = config.alerts;
  if (webhook === undefined) return undefined;
  const post = webhookPost(webhook_format, changes, config.hostname, language);
  // The whole URL may be a secret: who knows it can post.
  return { way: "webhook", to: new URL(webhook).host, result: await send(webhook, post, signal) };
}

/** What `wachpost alerts test` tells. */
export const testAlert = (host: string): AlertChange => ({
  state: "raised",
  alert: { id: "test", kind: "test", urgent: false, values: { host } },
});
