import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createPrivateKey, createPublicKey, generateKeyPairSync, verify, X509Certificate } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { ManualClock, systemClock } from "../../src/base/clock.ts";
import { MemoryLog } from "../../src/base/log.ts";
import { problemFailure } from "../../src/tls/acme-failure.ts";
import { publicJwk, signJws, signRequest, thumbprint } from "../../src/tls/acme-jws.ts";
import { directorySchema, readMessage, readProblem, readRetryAfter } from "../../src/tls/acme-messages.ts";
import {
  expiryAlarm,
  failurePause_ms,
  readWindow,
  renewByLifetime,
  renewInWindow,
} from "../../src/tls/acme-renewal.ts";
import { keepFiles } from "../../src/tls/certificate-files.ts";
import { renewalIdentity } from "../../src/tls/certificate-identity.ts";
import { certificateRequest } from "../../src/tls/certificate-request.ts";
import { createAuthority, issueCertificate, type KeyAndCertificate } from "../../src/tls/certificate.ts";
import { ownCertificate } from "../../src/tls/own-authority.ts";

const DAY_MS = 86_400_000;

/** RFC 7515 appendix A.3 */
const A3 = {
  key: {
    kty: "EC",
    crv: "P-256",
    x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    d: "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
  },
  header: '{"alg":"ES256"}',
  payload: '{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}',
  protectedPart: "eyJhbGciOiJFUzI1NiJ9",
  payloadPart:
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
  signature: "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
};

test("RFC 7515 A.3: header, payload and signature", () => {
  const key = createPrivateKey({ key: A3.key, format: "jwk" });
  const jws = signJws(A3.header, A3.payload, key);
  assert.equal(jws.protected, A3.protectedPart);
  assert.equal(jws.payload, A3.payloadPart);
  // ECDSA is random: the RFC's signature and ours must both hold over our octets.
  for (const signature of [A3.signature, jws.signature]) {
    const octets = Buffer.from(`${jws.protected}.${jws.payload}`);
    const how = { key: createPublicKey(key), dsaEncoding: "ieee-p1363" } as const;
    assert.ok(verify("sha256", octets, how, Buffer.from(signature, "base64url")));
  }
});

test("the thumbprint hashes the required members in order and nothing else (RFC 7638 §3)", () => {
  const key = createPrivateKey({ key: A3.key, format: "jwk" });
  assert.deepEqual(Object.keys(publicJwk(key)), ["crv", "kty", "x", "y"]);
  assert.equal(thumbprint(publicJwk(key)), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
});

test("a request names the account or brings the key, never both (RFC 8555 §6.2)", () => {
  const { privateKey: key } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const request = { key, nonce: "n", url: "https://ca.test/x", payload: "" };
  const header = (jws: { readonly protected: string }): object =>
    JSON.parse(Buffer.from(jws.protected, "base64url").toString()) as object;
  assert.deepEqual(Object.keys(header(signRequest(request))), ["alg", "jwk", "nonce", "url"]);
  assert.deepEqual(header(signRequest({ ...request, accountUrl: "https://ca.test/a/1" })), {
    alg: "ES256",
    kid: "https://ca.test/a/1",
    nonce: "n",
    url: "https://ca.test/x",
  });
});

for (const [kind, key] of [
  ["EC", generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey],
  ["RSA", generateKeyPairSync("rsa", { modulusLength: 3072 }).privateKey],
] as const)
  test(`OpenSSL reads and verifies a certificate request, ${kind}`, (t) => {
    const input = certificateRequest(["mx.example.org", "*.example.org"], key);
    const run = spawnSync("openssl", ["req", "-inform", "DER", "-verify", "-noout", "-text"], { input });
    if (run.error) return t.skip("openssl is not installed: apt-get install openssl");
    const said = run.stdout.toString() + run.stderr.toString();
    assert.match(said, /verify OK/);
    assert.match(said, /DNS:mx\.example\.org, DNS:\*\.example\.org/);
  });

/** RFC 9773 appendix A, with the unique identifier §4.1 derives from it. */
const RFC9773 = `-----BEGIN CERTIFICATE-----
MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
-----END CERTIFICATE-----`;

test("the renewal identity of RFC 9773's certificate, and of none under mutation", () => {
  const { raw } = new X509Certificate(RFC9773);
  assert.equal(renewalIdentity(raw), "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
  fc.assert(
    fc.property(fc.nat(raw.length - 1), fc.nat(255), fc.nat(raw.length), (at, octet, cut) => {
      const mutated = Buffer.from(raw);
      mutated[at] = octet;
      const identity = renewalIdentity(mutated.subarray(0, cut));
      assert.ok(identity === undefined || /^[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+$/.test(identity));
    }),
    { numRuns: 2000 },
  );
});

test("renewal: the window, the fallback, the floor (RFC 9773 §4.2)", () => {
  const validity = { notBefore_ms: 0, notAfter_ms: 90 * DAY_MS };
  assert.equal(renewInWindow(validity, { start_ms: 50 * DAY_MS, end_ms: 52 * DAY_MS }, 0.5), 51 * DAY_MS);
  assert.equal(renewInWindow(validity, { start_ms: 95 * DAY_MS, end_ms: 99 * DAY_MS }, 0.5), 81 * DAY_MS);
  for (const days of [6, 45, 64, 90]) {
    const at_ms = renewByLifetime({ notBefore_ms: 0, notAfter_ms: days * DAY_MS }, 0);
    assert.ok(Math.abs(at_ms - (days * DAY_MS * 2) / 3) < 1, `${days} days`);
  }
  for (const [start, end] of [
    ["2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"],
    ["2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z"],
    ["soon", "later"],
    ["1", "2"],
  ] as const)
    assert.equal(readWindow({ start, end }).ok, false, `${start} ${end}`);
  assert.ok(readWindow({ start: "2026-01-02T04:00:00+02:00", end: "2026-01-03T00:00:00.5Z" }).ok);
});

test("pauses after failures double, respect the authority and end", () => {
  assert.deepEqual(
    [1, 2, 3, 50].map((failures) => failurePause_ms(failures, undefined, 0) / 60_000),
    [3, 6, 12, 360],
  );
  assert.equal(failurePause_ms(1, 3_600_000, 0), 3_600_000);
  assert.equal(failurePause_ms(1, 1e15, 0), 7 * DAY_MS);
});

test("alarms: below a third of the life, then two days or a sixth (T-58)", () => {
  const of = (life_days: number, left_days: number): string =>
    expiryAlarm({ notBefore_ms: 0, notAfter_ms: life_days * DAY_MS }, (life_days - left_days) * DAY_MS);
  assert.deepEqual(
    [of(90, 30), of(90, 25), of(90, 1.9), of(6, 2), of(6, 1.5), of(6, 0.9), of(6, -1)],
    ["none", "soon", "critical", "none", "soon", "critical", "critical"],
  );
});

test("what an authority says is read strictly, and never throws", () => {
  assert.equal(readMessage(directorySchema, '{"newNonce":"http://plain.test/"}').ok, false);
  assert.equal(readRetryAfter("120", 0), 120_000);
  assert.equal(readRetryAfter("Thu, 01 Jan 1970 00:01:00 GMT", 0), 60_000);
  for (const value of [undefined, "", "-1", "soon", "9".repeat(400)])
    assert.equal(readRetryAfter(value, 0), undefined);
  const failure = problemFailure(
    readProblem('{"type":"urn:ietf:params:acme:error:caa","detail":"no\\u001b[31m"}'),
    403,
  );
  assert.equal(failure.code, "acme-caa");
  assert.match(failure.message, /^no\\u001b/);
  assert.equal(problemFailure({ type: "urn:ietf:params:acme:error:toString" }, 400).code, "acme-refused");
  assert.equal(problemFailure(readProblem("<html>"), 503, 5).code, "acme-rateLimited");
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
      readMessage(directorySchema, body);
      assert.ok(problemFailure(readProblem(body), 400).message.length > 0);
    }),
  );
});

test("files: a new pair is served, half a pair is not, and the log says why", async () => {
  const directory = await mkdtemp(join(tmpdir(), "wachpost-files-"));
  const files = { certificate: join(directory, "fullchain.pem"), key: join(directory, "privkey.pem") };
  const pair = (): KeyAndCertificate => {
    const span = { notBefore_ms: Date.now() - DAY_MS, notAfter_ms: Date.now() + 90 * DAY_MS };
    const authority = createAuthority({ subject: "CA", names: [], ...span });
    return issueCertificate({ subject: "mx", names: ["mx.example.org"], ...span }, authority, "CA");
  };
  const [first, second] = [pair(), pair()];
  const world = { clock: new ManualClock(Date.now()), log: new MemoryLog() };
  await assert.rejects(keepFiles(files, world), { code: "certificate-unusable" });
  await writeFile(files.key, first.key);
  await writeFile(files.certificate, first.certificate);
  const keeper = await keepFiles(files, world);
  const looks = async (until: () => boolean): Promise<void> => {
    for (let n = 0; n < 200 && !until(); n++) {
      world.clock.advance(20_000);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.ok(until());
  };
  assert.deepEqual(keeper.current(), first);
  await writeFile(files.key, second.key);
  await looks(() => world.log.events.some(({ event }) => event === "certificate.files-unusable"));
  assert.deepEqual(keeper.current(), first);
  await writeFile(files.certificate, second.certificate);
  await looks(() => keeper.current().certificate === second.certificate);
  assert.deepEqual(keeper.current(), second);
  await keeper[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

test("our own authority: a new host name gets a new leaf of the same authority", async () => {
  const directory = await mkdtemp(join(tmpdir(), "wachpost-own-"));
  const first = await ownCertificate(directory, ["a.example.org", "127.0.0.1"], systemClock);
  const again = await ownCertificate(directory, ["a.example.org", "127.0.0.1"], systemClock);
  assert.equal(again.certificate, first.certificate);
  const second = await ownCertificate(directory, ["b.example.org", "127.0.0.1"], systemClock);
  assert.ok(new X509Certificate(second.certificate).checkHost("b.example.org"));
  await rm(directory, { recursive: true, force: true });
});
