import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { TlsaRecord } from "../dns/answer.ts";
import { createAuthority, issueCertificate } from "./certificate.ts";
import { usableTlsa, verifyDane } from "./dane.ts";
import { subjectPublicKeyInfo } from "./spki.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 24);
const today = { notBefore_ms: NOW_MS - DAY_MS, notAfter_ms: NOW_MS + DAY_MS };
const past = { notBefore_ms: NOW_MS - 3 * DAY_MS, notAfter_ms: NOW_MS - DAY_MS };

const authority = createAuthority({ subject: "CA", names: [], ...today });
const twin = createAuthority({ subject: "CA", names: [], ...today });
const expiredAuthority = createAuthority({ subject: "Old CA", names: [], ...past });
const issue = (names: readonly string[], span = today, by = authority, subject = "CA") =>
  issueCertificate({ subject: names[0] ?? "x", names, ...span }, by, subject);

const pairs = {
  mx: issue(["mx.example.net"]),
  wildcard: issue(["*.example.net"]),
  partial: issue(["m*.example.net"]),
  domain: issue(["example.org"]),
  foreign: issue(["elsewhere.test"]),
  expired: issue(["mx.example.net"], past),
  early: issue(["mx.example.net"], { notBefore_ms: NOW_MS + DAY_MS, notAfter_ms: NOW_MS + 2 * DAY_MS }),
  byTwin: issue(["mx.example.net"], today, twin),
  byLeaf: issue(["mx.example.net"], today, issue(["leaf"]), "leaf"),
  byExpired: issue(["mx.example.net"], today, expiredAuthority, "Old CA"),
};
const leafIssuer = issue(["leaf"]);
const fromLeaf = issue(["mx.example.net"], today, leafIssuer, "leaf");

const x509 = (pem: string): X509Certificate => new X509Certificate(pem);
const CA = x509(authority.certificate);
const OLD_CA = x509(expiredAuthority.certificate);
const TWIN = x509(twin.certificate);

const selectedOf = (certificate: X509Certificate, selector: number): Buffer =>
  selector === 0 ? certificate.raw : certificate.publicKey.export({ type: "spki", format: "der" });
function tlsa(usage: number, selector: number, matching: number, of: X509Certificate): TlsaRecord {
  const whole = selectedOf(of, selector);
  const digest = (name: string): Buffer => createHash(name).update(whole).digest();
  const data = matching === 0 ? whole : digest(matching === 1 ? "sha256" : "sha512");
  return { usage, selector, matching, data };
}

const NAMES = ["mx.example.net", "example.org"];
const verify = (records: readonly TlsaRecord[], chain: readonly X509Certificate[], names = NAMES): string => {
  const usable = usableTlsa(records);
  if (usable.length === 0) return "unusable";
  const verdict = verifyDane(usable, chain, names, NOW_MS);
  return verdict.ok ? verdict.value : verdict.error.fault;
};

for (const usage of [2, 3]) {
  for (const selector of [0, 1]) {
    for (const matching of [0, 1, 2]) {
      test(`dane: ${usage} ${selector} ${matching} matches its own and no other`, () => {
        const leaf = x509(pairs.mx.certificate);
        const record = tlsa(usage, selector, matching, usage === 3 ? leaf : CA);
        assert.equal(verify([record], [leaf, CA]), usage === 3 ? "dane-ee" : "dane-ta");
        const other = x509(pairs.byTwin.certificate);
        assert.equal(verify([record], [other, TWIN]), "validation-failure");
        // A whole certificate or key with a wrong octet is another one, or none.
        if (matching === 0) return;
        const broken = { ...record, data: Buffer.from(record.data) };
        broken.data.writeUInt8(broken.data.readUInt8(0) ^ 1);
        assert.equal(verify([broken], [leaf, CA]), "validation-failure");
      });
    }
  }
}

const leaf = (name: keyof typeof pairs): X509Certificate => x509(pairs[name].certificate);
const EE = (name: keyof typeof pairs): TlsaRecord => tlsa(3, 1, 1, leaf(name));
const TA = tlsa(2, 1, 1, CA);
const cases: readonly {
  readonly name: string;
  readonly records: readonly TlsaRecord[];
  readonly chain: readonly X509Certificate[];
  readonly want: string;
}[] = [
  { name: "EE passes over names", records: [EE("foreign")], chain: [leaf("foreign")], want: "dane-ee" },
  { name: "EE passes over dates", records: [EE("expired")], chain: [leaf("expired")], want: "dane-ee" },
  { name: "EE needs no chain", records: [EE("mx")], chain: [leaf("mx")], want: "dane-ee" },
  {
    name: "EE is not matched by the authority",
    records: [tlsa(3, 1, 1, CA)],
    chain: [leaf("mx"), CA],
    want: "validation-failure",
  },
  {
    name: "one of several is enough (rollover 3 1 1 + 3 1 1)",
    records: [EE("foreign"), EE("mx")],
    chain: [leaf("mx")],
    want: "dane-ee",
  },
  {
    name: "3 1 1 + 2 1 1, new key",
    records: [EE("foreign"), TA],
    chain: [leaf("mx"), CA],
    want: "dane-ta",
  },
  {
    name: "TA wants the name",
    records: [TA],
    chain: [leaf("foreign"), CA],
    want: "certificate-host-mismatch",
  },
  {
    name: "TA: the next-hop domain is a name too",
    records: [TA],
    chain: [leaf("domain"), CA],
    want: "dane-ta",
  },
  { name: "TA: a wildcard", records: [TA], chain: [leaf("wildcard"), CA], want: "dane-ta" },
  {
    name: "TA: part of a label is no wildcard",
    records: [TA],
    chain: [leaf("partial"), CA],
    want: "certificate-host-mismatch",
  },
  { name: "TA wants today", records: [TA], chain: [leaf("expired"), CA], want: "certificate-expired" },
  { name: "TA wants today already", records: [TA], chain: [leaf("early"), CA], want: "certificate-expired" },
  {
    name: "TA itself is of today",
    records: [tlsa(2, 0, 1, OLD_CA)],
    chain: [leaf("byExpired"), OLD_CA],
    want: "certificate-expired",
  },
  { name: "TA must be sent for a digest", records: [TA], chain: [leaf("mx")], want: "validation-failure" },
  {
    name: "TA as a whole in the DNS need not be sent",
    records: [tlsa(2, 0, 0, CA)],
    chain: [leaf("mx")],
    want: "dane-ta",
  },
  {
    name: "TA: an anchor that stands beside the chain signs nothing",
    records: [TA],
    chain: [leaf("byTwin"), CA],
    want: "validation-failure",
  },
  {
    name: "TA: a server certificate is no authority",
    records: [TA],
    chain: [fromLeaf, leafIssuer, authority].map(({ certificate }) => x509(certificate)),
    want: "validation-failure",
  },
  {
    name: "TA does not match the server's own certificate",
    records: [tlsa(2, 1, 1, leaf("mx"))],
    chain: [leaf("mx"), CA],
    want: "validation-failure",
  },
  { name: "no certificate", records: [TA], chain: [], want: "validation-failure" },
  // RFC 7672 §3.1.3
  { name: "PKIX-TA", records: [tlsa(0, 1, 1, CA)], chain: [leaf("mx"), CA], want: "unusable" },
  { name: "PKIX-EE", records: [tlsa(1, 1, 1, leaf("mx"))], chain: [leaf("mx")], want: "unusable" },
  {
    name: "an unusable one beside a usable one is passed over",
    records: [tlsa(1, 1, 1, leaf("mx")), EE("foreign")],
    chain: [leaf("mx")],
    want: "validation-failure",
  },
  { name: "unknown usage", records: [{ ...EE("mx"), usage: 4 }], chain: [leaf("mx")], want: "unusable" },
  {
    name: "unknown selector",
    records: [{ ...EE("mx"), selector: 2 }],
    chain: [leaf("mx")],
    want: "unusable",
  },
  {
    name: "unknown matching",
    records: [{ ...EE("mx"), matching: 3 }],
    chain: [leaf("mx")],
    want: "unusable",
  },
  {
    name: "a digest of the wrong length",
    records: [{ ...EE("mx"), data: EE("mx").data.subarray(1) }],
    chain: [leaf("mx")],
    want: "unusable",
  },
  {
    name: "no certificate where one should be",
    records: [{ usage: 3, selector: 0, matching: 0, data: Buffer.from("certificate") }],
    chain: [leaf("mx")],
    want: "unusable",
  },
  {
    name: "no key where one should be",
    records: [{ usage: 2, selector: 1, matching: 0, data: Buffer.from("key") }],
    chain: [leaf("mx")],
    want: "unusable",
  },
  // RFC 7671 §9: with a SHA2-512 record of the same usage and selector the SHA2-256 record does not count.
  {
    name: "digest agility",
    records: [EE("mx"), tlsa(3, 1, 2, leaf("foreign"))],
    chain: [leaf("mx")],
    want: "validation-failure",
  },
  {
    name: "digest agility counts per selector",
    records: [EE("mx"), tlsa(3, 0, 2, leaf("foreign"))],
    chain: [leaf("mx")],
    want: "dane-ee",
  },
];
for (const { name, records, chain, want } of cases) {
  test(`dane: ${name}`, () => assert.equal(verify(records, chain), want));
}

test("spki: as the certificate has it, also an RSA one; nothing for cut or odd octets", () => {
  const rsa = x509(
    readFileSync(new URL("../../test/corpora/tls/loopback-cert.pem", import.meta.url), "utf8"),
  );
  for (const certificate of [CA, leaf("mx"), rsa]) {
    assert.deepEqual(subjectPublicKeyInfo(certificate.raw), selectedOf(certificate, 1));
    for (let cut = 0; cut < certificate.raw.length; cut++)
      assert.equal(subjectPublicKeyInfo(certificate.raw.subarray(0, cut)), undefined);
  }
  assert.equal(subjectPublicKeyInfo(Buffer.from("3080020100", "hex")), undefined, "indefinite length");
});
