import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { parseDomain } from "../../base/domain-name.ts";
import { bothViews } from "../../dns/configured.ts";
import { phrase, say } from "../../doctor/words/phrase.ts";
import { acmeAuthority } from "../../tls/acme-authority.ts";
import { acmeFiles, type AcmeFiles } from "../../tls/acme-files.ts";
import { challengeZone } from "../../tls/acme-zone.ts";
import { solverOf } from "../../tls/certificate-acme.ts";
import { portOf } from "../answers.ts";
import type { Job } from "../job.ts";
import { readText } from "../machine-files.ts";
import { asUser, type SystemUser } from "../machine-users.ts";
import { serverAnswers } from "../network-server.ts";
import { comparedRecords } from "../our-records.ts";
import { zoneProvider } from "../our-zones.ts";
import { acmeDirectory, servedPair } from "../served-pair.ts";
import { done, failed, todo, waiting, type Look, type Step } from "../step.ts";
import { errorWords } from "../words/errors.ts";
import { SENTENCES } from "../words/sentences.ts";

/** The first certificate, left where the server looks for its own; from then on the server renews it. */
export const certificateStep: Step = {
  id: "certificate",
  title: phrase("Certificate", "Zertifikat"),
  essential: false,
  async look(job) {
    const { acme, hostName } = job.answers;
    if (acme === undefined) return done("certificate-own", { file: join(job.answers.data, "tls/ca.pem") });
    const served = await servedCertificate(job);
    if (served !== undefined) return served;
    return todo("certificate-todo", { names: hostName, challenge: acme.challenge });
  },
  async act(job) {
    const { acme, hostName } = job.answers;
    if (acme === undefined) return await certificateStep.look(job);
    // Two clients with one account and one order file would spoil each other's order.
    if (await serverAnswers(job.answers))
      return waiting(
        "certificate-server",
        {},
        { remedy: { word: "certificate-wait", values: { domain: job.answers.domain } } },
      );
    const authority = await authorityOf(job, acme);
    if (authority === undefined) return failed("config-no-secret", { file: job.answers.data });
    const names = [hostName, ...(await webNames(job))];
    job.progress(say(SENTENCES["certificate-ordering"], job.language, { names: names.join(", ") }));
    const ordered = await authority.authority.order({ names });
    if (!ordered.ok) {
      const { message, remedy } = errorWords(ordered.error, job.language);
      return failed(
        "certificate-failed",
        { message },
        { remedy: { word: "certificate-retry", values: { remedy } } },
      );
    }
    const { key, certificate } = ordered.value;
    await authority.files.write("served.pem", `${key.trimEnd()}\n${certificate}`);
    return await certificateStep.look(job);
  },
};

/** Names of the web door that lead here by now; the server adds others when they do. */
const webNames = async (job: Job): Promise<readonly string[]> =>
  (await comparedRecords(job))
    .filter(({ record, state }) => record.purpose === "web-name" && state === "ok")
    .map(({ record }) => record.name);

async function servedCertificate(job: Job): Promise<Look | undefined> {
  const { hostName } = job.answers;
  const pair = await servedPair(job);
  if (pair === undefined) return undefined;
  const { issuer, subjectAltName } = new X509Certificate(pair.certificate);
  const until = new Date(pair.notAfter_ms).toISOString().slice(0, 10);
  return done("certificate-done", {
    names: alternativeNames(subjectAltName) || hostName,
    issuer: commonName(issuer),
    until,
  });
}

const alternativeNames = (text = ""): string => text.replaceAll("DNS:", "");
const commonName = (issuer: string): string =>
  /^CN=(.*)$/m.exec(issuer)?.[1] ?? issuer.replaceAll("\n", ", ");

/** Undefined where the zone has to be changed and nobody can. */
async function authorityOf(job: Job, acme: NonNullable<Job["answers"]["acme"]>) {
  const { data, listen, authoritativePort, account, dnsServers } = job.answers;
  const provider = acme.challenge === "dns-01" ? await zoneProvider(job) : undefined;
  if (acme.challenge === "dns-01" && provider === undefined) return undefined;
  const port = authoritativePort === undefined ? {} : { port: authoritativePort };
  const zone = provider && challengeZone({ provider, dns: job.net.dns, clock: job.clock, ...port });
  const solver = solverOf(
    {
      directory: acme.directory,
      names: [],
      challenge: acme.challenge,
      zone,
      address: listen[0],
      port: portOf(job.answers, "http"),
    },
    job.clock,
  );
  const ca = acme.caFile === undefined ? undefined : await readText(acme.caFile);
  const files = filesOf(await job.owner(), acmeDirectory(data));
  const contact = parseDomain(account.split("@")[1] ?? "") === undefined ? {} : { contact: account };
  const dnssec = await bothViews(dnsServers);
  const options = { directoryUrl: acme.directory, solver, dnssec, files, clock: job.clock, ...contact };
  return { files, authority: await acmeAuthority({ ...options, ...(ca === undefined ? {} : { ca }) }) };
}

/** The port of the challenge may need root, the files have to be the server's. */
function filesOf(owner: SystemUser | undefined, directory: string): AcmeFiles {
  const files = acmeFiles(directory);
  return {
    read: (name) => asUser(owner, () => files.read(name)),
    write: (name, content) => asUser(owner, () => files.write(name, content)),
    remove: (name) => asUser(owner, () => files.remove(name)),
  };
}
