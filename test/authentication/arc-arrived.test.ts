import assert from "node:assert/strict";
import { test } from "node:test";
import { arrivedWith } from "../../src/authentication/arc/arrived.ts";
import { sealMessage } from "../../src/authentication/arc/seal.ts";
import type { SigningKey } from "../../src/authentication/dkim/key-pair.ts";
import { parseDomain, type Domain } from "../../src/base/domain-name.ts";
import { newKey, NOW_MS } from "./dkim-signer.ts";
import { crlf } from "./key-zone.ts";

const domain = (text: string): Domain => parseDomain(text) as Domain;
const KEY = newKey("ed25519-sha256", "s");
const MESSAGE = crlf("From: a@bank.test\nSubject: Hello\n\nHi\n");

/** Sealed by each in turn, the first first. */
function chain(...hops: readonly (readonly [sealer: string, results: string])[]): Buffer {
  let octets = MESSAGE;
  for (const [i, [sealer, results]] of hops.entries()) {
    const key: SigningKey = { ...KEY, domain: domain(sealer) };
    const found = i === 0 ? ({ result: "none", instances: 0 } as const) : { result: "pass", instances: i };
    const options = { now_ms: NOW_MS, authenticationResults: `${sealer}; ${results}` };
    const set = sealMessage(octets, key, {
      ...options,
      chain: found as { result: "pass"; instances: number },
    });
    octets = Buffer.concat([set as Buffer, octets]);
  }
  return octets;
}

const PASS = "dmarc=pass header.from=bank.test";
const FAIL = "dmarc=fail header.from=bank.test";
const CASES: readonly (readonly [name: string, octets: Buffer, want: string | undefined])[] = [
  ["no chain", MESSAGE, undefined],
  ["one trusted sealer", chain(["list.test", PASS]), "pass"],
  ["one unknown sealer", chain(["evil.test", PASS]), undefined],
  ["two trusted: the first of them saw it first", chain(["big.test", PASS], ["list.test", FAIL]), "pass"],
  ["an unknown one below cannot lie for it", chain(["evil.test", PASS], ["list.test", FAIL]), "fail"],
  ["an unknown one above", chain(["list.test", PASS], ["evil.test", PASS]), undefined],
  ["a gap ends the run", chain(["big.test", PASS], ["evil.test", PASS], ["list.test", FAIL]), "fail"],
  ["about another author", chain(["list.test", "dmarc=pass header.from=other.test"]), undefined],
  ["an address in place of the domain", chain(["list.test", "dmarc=pass header.from=a@bank.test"]), "pass"],
  ["no author named", chain(["list.test", "dmarc=pass"]), "pass"],
  ["nothing about DMARC", chain(["list.test", "spf=pass smtp.mailfrom=bank.test"]), undefined],
  ["two answers", chain(["list.test", `${PASS}; ${FAIL}`]), undefined],
];

for (const [name, octets, want] of CASES)
  test(`arrived with: ${name}`, () => {
    assert.equal(arrivedWith(octets, "bank.test", [domain("list.test"), domain("big.test")]), want);
  });
