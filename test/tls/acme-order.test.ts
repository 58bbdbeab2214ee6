import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { openAccount } from "../../src/tls/acme-account.ts";
import type { ChallengeSolver } from "../../src/tls/acme-challenge.ts";
import { AcmeClient } from "../../src/tls/acme-client.ts";
import { dns01 } from "../../src/tls/acme-dns01.ts";
import { acmeFiles } from "../../src/tls/acme-files.ts";
import { Http01 } from "../../src/tls/acme-http01.ts";
import { acmeHttp } from "../../src/tls/acme-http.ts";
import { orderCertificate, type Ordering } from "../../src/tls/acme-order.ts";
import { startKeeper } from "../../src/tls/certificate-start.ts";
import { TlsAlpn01 } from "../../src/tls/acme-tls-alpn01.ts";
import { pebbleMissing, startPebble, type Pebble } from "./pebble.ts";

let pebble: Pebble;
let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "wachpost-acme-"));
  // Half of all nonces are refused, so that every test shows they are asked for again.
  if (!pebbleMissing) pebble = await startPebble({ PEBBLE_WFE_NONCEREJECT: "25", PEBBLE_AUTHZREUSE: "0" });
});
after(async () => {
  if (!pebbleMissing) await pebble[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const http = (): ChallengeSolver => new Http01({ host: "127.0.0.1", port: pebble.httpPort });
const alpn = (): ChallengeSolver => new TlsAlpn01({ host: "127.0.0.1", port: pebble.tlsPort }, systemClock);
const zone = (): ChallengeSolver =>
  dns01({
    addTxt: (name, value) => pebble.dns("set-txt", { host: `${name}.`, value }),
    removeTxt: (name) => pebble.dns("clear-txt", { host: `${name}.` }),
  });

async function ordering(name: string, solver: ChallengeSolver): Promise<Ordering> {
  const files = acmeFiles(join(directory, name));
  const account = await openAccount(files);
  const client = new AcmeClient({
    directoryUrl: pebble.directoryUrl,
    account,
    contact: "postmaster@example.org",
    transport: acmeHttp(pebble.ca),
    clock: systemClock,
  });
  return { client, account, solver, files, clock: systemClock };
}

for (const [name, solver, names] of [
  ["http-01", http, ["mx.example.org", "mail.example.org"]],
  ["tls-alpn-01", alpn, ["mx.example.org", "mail.example.org"]],
  ["dns-01", zone, ["example.org", "*.example.org"]],
] as const)
  test(`a certificate by ${name}`, { skip: pebbleMissing }, async () => {
    const result = await orderCertificate(await ordering(name, solver()), { names });
    assert.ok(result.ok, JSON.stringify(result));
    const leaf = new X509Certificate(result.value.certificate);
    assert.deepEqual(
      (leaf.subjectAltName ?? "").split(", ").toSorted(),
      names.map((dns) => `DNS:${dns}`).toSorted(),
    );
    assert.equal((await stat(join(directory, name, "account-key.pem"))).mode & 0o777, 0o600);
  });

test("revocation is known to the authority", { skip: pebbleMissing }, async () => {
  const world = await ordering("revoked", http());
  const result = await orderCertificate(world, { names: ["old.example.org"] });
  assert.ok(result.ok, JSON.stringify(result));
  const revoked = await world.client.revoke(result.value.certificate, 4);
  assert.ok(revoked.ok, JSON.stringify(revoked));
  const { serialNumber } = new X509Certificate(result.value.certificate);
  const status = await pebble.management(
    `/cert-status-by-serial/${serialNumber.toLowerCase().replace(/^0+/, "")}`,
  );
  assert.equal((JSON.parse(status) as { readonly Status: string }).Status, "Revoked");
});

test("settings to a served certificate", { skip: pebbleMissing }, async () => {
  const settings = {
    directory: join(directory, "started"),
    hostName: "mx.example.org",
    acme: {
      directory: pebble.directoryUrl,
      ca: pebble.ca,
      names: ["mx.example.org"],
      challenge: "tls-alpn-01",
      address: "127.0.0.1",
      port: pebble.tlsPort,
    },
  } as const;
  await using keeper = await startKeeper(settings, {
    clock: systemClock,
    random: Math.random,
    log: silentLog,
  });
  const next = await new Promise<string>((resolve) => {
    keeper.onChange(({ certificate }) => resolve(certificate));
  });
  assert.match(new X509Certificate(next).issuer, /Pebble/);
  await using own = await startKeeper(
    { directory: join(directory, "own"), hostName: "mx.example.org" },
    { clock: systemClock, random: Math.random, log: silentLog },
  );
  assert.ok(own.authorityFile);
});
