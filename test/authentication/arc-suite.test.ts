import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { collectChain } from "../../src/authentication/arc/chain.ts";
import { sealData } from "../../src/authentication/arc/seal-data.ts";
import { sealMessage } from "../../src/authentication/arc/seal.ts";
import { verifyChain } from "../../src/authentication/arc/verify.ts";
import { signOctets } from "../../src/authentication/dkim/algorithm.ts";
import { canonicalField } from "../../src/authentication/dkim/canonical.ts";
import { readSigningKey, type SigningKey } from "../../src/authentication/dkim/key-pair.ts";
import { fieldText, splitMessage, type FieldText } from "../../src/authentication/dkim/signed-data.ts";
import { fields, findFields } from "../../src/message/header.ts";
import { crlf, keyZone } from "./key-zone.ts";

type Validation = {
  readonly description: string;
  readonly records: Readonly<Record<string, string>>;
  readonly tests: readonly {
    readonly name: string;
    readonly description: string;
    readonly cv: string;
    readonly message: string;
  }[];
};
type Signing = {
  readonly description: string;
  readonly domain: string;
  readonly selector: string;
  readonly privateKey: string;
  readonly records: Readonly<Record<string, string>>;
  readonly tests: readonly {
    readonly name: string;
    readonly message: string;
    readonly signed_s: number;
    readonly signedNames: readonly string[];
    readonly authServId: string;
    readonly seal: string;
    readonly messageSignature: string;
    readonly results: string;
  }[];
};

const corpus = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../corpora/arc/${name}`, import.meta.url), "utf8")) as T;
const NOW_MS = Date.UTC(2020, 0, 1);

test("the ARC suite: all 171 chains are judged right (RFC 8617 §5.2)", async (t) => {
  let passed = 0;
  for (const { description, records, tests } of corpus<Validation[]>("validation.json")) {
    await t.test(description, async () => {
      for (const { name, message, cv, description: what } of tests) {
        const got = await verifyChain(crlf(message), keyZone(records), { now_ms: NOW_MS });
        // The suite leaves the answer open where the last seal says cv=fail; RFC 8617 §5.2 step 2 does not.
        assert.equal(got.result, cv === "" ? "fail" : cv, `${name}: ${what} (${got.problem})`);
        passed++;
      }
    });
  }
  t.diagnostic(`${passed} of 171 cases`);
  assert.equal(passed, 171);
});

test("the ARC suite: all 17 seals hold the fields and signatures wanted (RFC 8617 §5.1)", async (t) => {
  let passed = 0;
  for (const { description, domain, selector, privateKey, records, tests } of corpus<Signing[]>(
    "signing.json",
  )) {
    const key = readSigningKey({ domain, selector, algorithm: "rsa-sha256", privateKey });
    assert.ok(key);
    await t.test(description, async () => {
      for (const one of tests) {
        await checkSeal(one, key, records);
        passed++;
      }
    });
  }
  t.diagnostic(`${passed} of 17 cases`);
  assert.equal(passed, 17);
});

async function checkSeal(
  {
    name,
    message,
    signed_s,
    signedNames,
    authServId,
    seal,
    messageSignature,
    results,
  }: Signing["tests"][number],
  key: SigningKey,
  records: Signing["records"],
): Promise<void> {
  const octets = crlf(message);
  const now_ms = signed_s * 1000;
  const chain = await verifyChain(octets, keyZone(records), { now_ms });
  const authenticationResults = mergedResults(octets, authServId);
  const got = sealMessage(octets, key, { now_ms, chain, authenticationResults, signedNames });
  if (seal === "") return assert.equal(got, undefined, name);
  assert.ok(got, name);
  const want = [
    ["ARC-Seal", seal],
    ["ARC-Message-Signature", messageSignature],
    ["ARC-Authentication-Results", results],
  ] as const;
  const written = [...fields(got)].map((field) => fieldText(got, field));
  assert.equal(written.length, want.length, name);
  const [ownSeal, ownSignature, ownResults] = written as [FieldText, FieldText, FieldText];
  for (const [i, [field, value]] of want.entries()) {
    const text = canonical(field, (written[i] as FieldText).text);
    const wanted = canonical(field, unfolded(field, value));
    const isSeal = field === "ARC-Seal";
    assert.equal(isSeal ? text.replace(B, "") : text, isSeal ? wanted.replace(B, "") : wanted, name);
  }
  const { sets = [] } = collectChain(splitMessage(octets));
  const signatureOver = (own: string): string => {
    const data = sealData(chain.result === "fail" ? [] : sets, {
      results: ownResults,
      messageSignature: { ...ownSignature, text: own },
      seal: canonical("ARC-Seal", ownSeal.text).replace(B, ""),
    });
    return signOctets(key.algorithm, data, key.privateKey).toString("base64");
  };
  // The suite's seals sign a message signature whose b= stands on one line; ours is folded, and so sealed.
  const wanted = B.exec(canonical("ARC-Seal", unfolded("ARC-Seal", seal)))?.[0];
  assert.equal(signatureOver(canonical("ARC-Message-Signature", ownSignature.text)), wanted, name);
  assert.equal(B.exec(canonical("ARC-Seal", ownSeal.text))?.[0], signatureOver(ownSignature.text), name);
  const chained = await verifyChain(Buffer.concat([got, octets]), keyZone(records), { now_ms });
  assert.equal(chained.result, seal.includes("cv=fail") ? "fail" : "pass", `${name}: ${chained.problem}`);
}

const B = /(?<= b=)[^;]*/;

const unfolded = (field: string, value: string): string => `${field}: ${value.trim().replaceAll("\n", " ")}`;

/** Canonical, and base64 without white space. */
function canonical(field: string, text: string): string {
  return canonicalField("relaxed", text, field.length).replace(B, (b) => b.replaceAll(/\s+/g, ""));
}

/** The suite wants what is known of a message gathered from its own Authentication-Results. */
function mergedResults(octets: Buffer, authServId: string): string {
  const own = findFields(octets, "Authentication-Results").filter((value) =>
    value.startsWith(`${authServId};`),
  );
  return [authServId, ...own.map((value) => value.slice(authServId.length + 1).trim())].join("; ");
}
