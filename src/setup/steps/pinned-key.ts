import type { Domain } from "../../base/domain-name.ts";
import { phrase } from "../../doctor/words/phrase.ts";
import { acmeFiles } from "../../tls/acme-files.ts";
import { nextKeyDigest } from "../../tls/next-key.ts";
import { isTlsaOfKey, keyDigest, tlsaOfKey } from "../../tls/tlsa-key.ts";
import { portOf } from "../answers.ts";
import type { Job } from "../job.ts";
import { authoritativeViews, zoneProvider } from "../our-zones.ts";
import { asUser } from "../machine-users.ts";
import { acmeDirectory, servedPair } from "../served-pair.ts";
import { done, failed, todo, waiting, type Look, type Step } from "../step.ts";
import { faultLook } from "../update-faults.ts";

const TTL_S = 3600;

/**
 * TLSA records for the key of the certificate and for the one after it, where the zone is signed: senders who know DANE
 * then take no other server for ours, and a new key never comes as a surprise. RFC 7672 §3.1.1, `3 1 1`; RFC 7671 §8.1
 */
export const pinnedKeyStep: Step = {
  id: "pinned-key",
  title: phrase("Pinned key (DANE)", "Festgelegter Schlüssel (DANE)"),
  essential: false,
  async look(job) {
    const digests = await keyDigests(job);
    if (digests === undefined) return done("pin-none");
    if (!(await isSigned(job))) return done("pin-unsigned", { domain: job.answers.domain });
    const name = nameOf(job);
    if (await arePublished(name, digests, job)) return done("pin-done", { name });
    if (job.answers.dnsUpdate !== undefined) return todo("pin-todo", { name });
    return byHand(name, digests);
  },
  async act(job) {
    const provider = await zoneProvider(job);
    const digests = await keyDigests(job);
    const name = nameOf(job);
    if (provider === undefined || digests === undefined) return await pinnedKeyStep.look(job);
    const record = { name, type: "TLSA", ttl_s: TTL_S } as const;
    // Beside what is there: the key of before may still be served.
    const made = await provider.change(
      digests.map((digest) => ({ kind: "add", ...record, data: tlsaOfKey(digest) }) as const),
    );
    if (!made.ok) return faultLook(made.error, byHand(name, digests).lines ?? []);
    const shown = await arePublished(name, digests, job);
    return shown ? done("pin-done", { name }) : failed("records-slow", { count: "1" });
  },
};

const byHand = (name: Domain, digests: readonly string[]): Look =>
  waiting(
    "pin-missing",
    { name },
    {
      lines: digests.map((digest) => `${name}. TLSA ${tlsaOfKey(digest)}`),
      remedy: { word: "records-publish", values: {} },
    },
  );

const nameOf = ({ answers }: Job): Domain => `_${portOf(answers, "smtp")}._tcp.${answers.hostName}` as Domain;

/** Of the key that is served, and of the next one, which is made here if the server has not made it yet. */
async function keyDigests(job: Job): Promise<readonly string[] | undefined> {
  const pair = await servedPair(job);
  if (pair === undefined) return undefined;
  const files = acmeFiles(acmeDirectory(job.answers.data));
  const next = await asUser(await job.owner(), () => nextKeyDigest(files));
  return [keyDigest(pair.certificate), next];
}

/** Vouched for by a resolver on this machine: without that, a pin would protect nobody. */
async function isSigned({ answers, net }: Job): Promise<boolean> {
  const answer = await net.dns.query(answers.hostName as Domain, "A");
  return answer.kind === "records" && answer.authenticated;
}

async function arePublished(name: Domain, digests: readonly string[], job: Job): Promise<boolean> {
  for (const view of await authoritativeViews(job)) {
    const answer = await view.query(name, "TLSA");
    const records = answer.kind === "records" ? answer.records : [];
    if (!digests.every((digest) => records.some((record) => isTlsaOfKey(record, digest)))) return false;
  }
  return true;
}
