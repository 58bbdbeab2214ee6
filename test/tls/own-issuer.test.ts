/** What CAA calls our authority, for an account from the time when that was not written down. RFC 8555 §7.1.1 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ManualClock, systemClock } from "../../src/base/clock.ts";
import { openAccount } from "../../src/tls/acme-account.ts";
import { AcmeClient } from "../../src/tls/acme-client.ts";
import { acmeFiles, type AcmeFiles } from "../../src/tls/acme-files.ts";
import { acmeHttp } from "../../src/tls/acme-http.ts";
import { createAuthority, issueCertificate } from "../../src/tls/certificate.ts";
import { ownIssuer } from "../../src/tls/own-issuer.ts";
import { ownServerFacts } from "../../src/doctor/net-own-server.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { nameAuthority } from "./named-authority.ts";

const DAY_MS = 86_400_000;
const ACCOUNT = "https://localhost:1/acct/7";
const span = { notBefore_ms: Date.now() - DAY_MS, notAfter_ms: Date.now() + DAY_MS };
const root = createAuthority({ subject: "Directory", names: [], ...span });
const server = issueCertificate({ subject: "localhost", names: ["localhost"], ...span }, root, "Directory");

let authority: Awaited<ReturnType<typeof nameAuthority>>;
let data: string;
let files: AcmeFiles;
before(async () => {
  data = mkdtempSync(join(tmpdir(), "wachpost-issuer-"));
  files = acmeFiles(join(data, "tls/acme"));
  authority = await nameAuthority({ server, port: 1 }, "ca.test");
  writeFileSync(join(data, "ca.pem"), root.certificate);
});
after(() => {
  authority[Symbol.dispose]();
  rmSync(data, { recursive: true });
});

const registered = (directory: string): Promise<void> =>
  files.write("account.json", JSON.stringify({ directory, url: ACCOUNT }));

/** The settings of a server with an account there. */
async function settings(directory: string) {
  await registered(directory);
  const acme = { enabled: true, directory, challenge: "http-01", names: [], ca_file: join(data, "ca.pem") };
  return { data, tls: { acme } };
}

test("the directory is asked; where it does not answer, nobody knows", async () => {
  const issuer = await ownIssuer(await settings(authority.directoryUrl));
  assert.deepEqual([issuer?.identity, issuer?.account.uri], ["ca.test", ACCOUNT]);
  const silent = await ownIssuer(await settings("https://localhost:1/dir"));
  assert.deepEqual([silent?.identity, silent?.account.uri], [undefined, ACCOUNT]);
});

test("the next order writes it down", async () => {
  const { directoryUrl } = authority;
  await registered(directoryUrl);
  const transport = acmeHttp(root.certificate);
  const account = await openAccount(files);
  const client = new AcmeClient({ directoryUrl, account, transport, clock: new ManualClock() });
  assert.deepEqual(await client.account(), { ok: true, value: ACCOUNT });
  assert.deepEqual(JSON.parse((await files.read("account.json")) ?? ""), {
    directory: directoryUrl,
    url: ACCOUNT,
    identities: ["ca.test"],
  });
});

test("the doctor knows the names of the certificate from there", async () => {
  const names = ["mail.example.test", "*.example.test"];
  const { key, certificate } = issueCertificate({ subject: "x", names, ...span }, root, "Directory");
  await files.write("served.pem", key + certificate);
  const toml = `hostname = "mail.example.test"\ndata = "${data}"\n[tls.acme]\nenabled = true\ndirectory = "${authority.directoryUrl}"\nca_file = "${join(data, "ca.pem")}"\n`;
  const config = parseConfig(toml);
  assert.ok(config.ok, JSON.stringify(config));
  const facts = await ownServerFacts(config.value, undefined, undefined, systemClock);
  assert.deepEqual(facts.certificate?.names, names);
  assert.deepEqual(facts.authority?.identities, ["ca.test"]);
});
