import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { connect, TLSSocket, type ConnectionOptions, type SecureVersion } from "node:tls";
import { after, before, test } from "node:test";
import { createAuthority, issueCertificate } from "./certificate.ts";
import { CIPHERS, serverTls } from "./contexts.ts";

const DAY_MS = 86_400_000;
const span = { notBefore_ms: Date.now() - DAY_MS, notAfter_ms: Date.now() + DAY_MS };
const authority = createAuthority({ subject: "Test CA", names: [], ...span });
const leaf = issueCertificate(
  { subject: "localhost", names: ["localhost", "127.0.0.1", "::1"], ...span },
  authority,
  "Test CA",
);

const options = serverTls("smtp", leaf, ["smtp"]);
const server = createServer((socket) => {
  const tls = new TLSSocket(socket, { ...options, isServer: true });
  tls.on("error", () => {});
  socket.on("error", () => {});
});
before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
after(() => server.close());

async function negotiate(client: ConnectionOptions): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({
    port,
    host: "127.0.0.1",
    servername: "localhost",
    ca: authority.certificate,
    ...client,
  });
  try {
    await once(socket, "secureConnect");
    return `${socket.getProtocol()} ${socket.getCipher().name}`;
  } catch {
    return "refused";
  } finally {
    socket.destroy();
  }
}

test("the certificate verifies for each of its names", async () => {
  assert.match(await negotiate({}), /^TLSv1\.3 TLS_AES_256_GCM_SHA384$/);
  assert.equal(await negotiate({ servername: "other.test" }), "refused");
});

const ALL = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";
for (const version of ["TLSv1", "TLSv1.1"] as const satisfies readonly SecureVersion[]) {
  test(`${version} is refused (T-35)`, async () => {
    assert.equal(await negotiate({ minVersion: version, maxVersion: version, ciphers: ALL }), "refused");
  });
}

// What Node would accept by default and Internet.nl calls insufficient or phase-out (G-43).
const weak = [
  "AES128-SHA",
  "AES256-SHA",
  "AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES128-SHA",
  "ECDHE-ECDSA-AES256-SHA",
  "ECDHE-ECDSA-AES128-SHA256",
  "ECDHE-ECDSA-ARIA128-GCM-SHA256",
  "ECDHE-ECDSA-AES128-CCM",
];
for (const cipher of weak) {
  test(`${cipher} is refused (T-36)`, async () => {
    assert.equal(await negotiate({ maxVersion: "TLSv1.2", ciphers: `${cipher}:@SECLEVEL=0` }), "refused");
  });
}

for (const cipher of CIPHERS.split(":").filter((name) => name.startsWith("ECDHE-ECDSA"))) {
  test(`${cipher} is accepted with TLS 1.2`, async () => {
    assert.equal(await negotiate({ maxVersion: "TLSv1.2", ciphers: cipher }), `TLSv1.2 ${cipher}`);
  });
}

test("a foreign ALPN id is refused (T-42)", async () => {
  assert.equal(await negotiate({ ALPNProtocols: ["http/1.1"] }), "refused");
  assert.match(await negotiate({ ALPNProtocols: ["smtp"] }), /^TLSv1\.3/);
});

test("a client that renegotiates is refused (T-40)", async () => {
  const { port } = server.address() as AddressInfo;
  const maxVersion = "TLSv1.2";
  const socket = connect({ port, servername: "localhost", ca: authority.certificate, maxVersion });
  await once(socket, "secureConnect");
  try {
    socket.renegotiate({}, () => {});
    const [refused] = (await once(socket, "error", { signal: AbortSignal.timeout(10_000) })) as [Error];
    assert.match(refused.message, /no renegotiation/i);
  } finally {
    socket.destroy();
  }
});
