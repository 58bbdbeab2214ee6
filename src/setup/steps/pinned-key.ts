import { createHash, X509Certificate } from "node:crypto";
import type { Domain } from "../../base/domain-name.ts";
import type { TlsaRecord } from "../../dns/answer.ts";
import { phrase } from "../../doctor/words/phrase.ts";
import { portOf } from "../answers.ts";
import type { Job } from "../job.ts";
import { authoritativeViews, zoneProvider } from "../our-zones.ts";
import { servedPair } from "../served-pair.ts";
import { done, failed, todo, waiting, type Look, type Step } from "../step.ts";
import { faultLook } from "../update-faults.ts";

const TTL_S = 3600;

/**
 * A TLSA record for the key of the certificate, where the zone is signed: senders who know DANE then take no other
 * server for ours. Renewals keep the key, so the record stays true. RFC 7672 §3.1.1, `3 1 1`
 */
export const pinnedKeyStep: Step = {
  id: "pinned-key",
  title: phrase("Pinned key (DANE)", "Festgelegter Schlüssel (DANE)"),
  essential: false,
  async look(job) {
    const digest = await keyDigest(job);
    if (digest === undefined) return done("pin-none");
    if (!(await isSigned(job))) return done("pin-unsigned", { domain: job.answers.domain });
    const name = nameOf(job);
    if (await isPublished(name, digest, job)) return done("pin-done", { name });
    if (job.answers.dnsUpdate !== undefined) return todo("pin-todo", { name });
    return byHand(name, digest);
  },
  async act(job) {
    const provider = await zoneProvider(job);
    const digest = await keyDigest(job);
    const name = nameOf(job);
    if (provider === undefined || digest === undefined) return await pinnedKeyStep.look(job);
    const record = { name, type: "TLSA", ttl_s: TTL_S, data: `3 1 1 ${digest}` } as const;
    // Beside what is there: the key of before may still be served.
    const made = await provider.change([{ kind: "add", ...record }]);
    if (!made.ok) return faultLook(made.error, byHand(name, digest).lines ?? []);
    const shown = await isPublished(name, digest, job);
    return shown ? done("pin-done", { name }) : failed("records-slow", { count: "1" });
  },
};

const byHand = (name: Domain, digest: string): Look =>
  waiting(
    "pin-missing",
    { name },
    { lines: [`${name}. TLSA 3 1 1 ${digest}`], remedy: { word: "records-publish", values: {} } },
  );

const nameOf = ({ answers }: Job): Domain => `_${portOf(answers, "smtp")}._tcp.${answers.hostName}` as Domain;

async function keyDigest(job: Job): Promise<string | undefined> {
  const pair = await servedPair(job);
  if (pair === undefined) return undefined;
  const key = new X509Certificate(pair.certificate).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("hex");
}

/** Vouched for by a resolver on this machine: without that, a pin would protect nobody. */
async function isSigned({ answers, net }: Job): Promise<boolean> {
  const answer = await net.dns.query(answers.hostName as Domain, "A");
  return answer.kind === "records" && answer.authenticated;
}

async function isPublished(name: Domain, digest: string, job: Job): Promise<boolean> {
  const isOurs = ({ usage, selector, matching, data }: TlsaRecord): boolean =>
    usage === 3 && selector === 1 && matching === 1 && Buffer.from(data).toString("hex") === digest;
  for (const view of await authoritativeViews(job)) {
    const answer = await view.query(name, "TLSA");
    if (answer.kind !== "records" || !answer.records.some(isOurs)) return false;
  }
  return true;
}
