/** Programs of others judge our signatures, and we theirs (C-07). */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sealMessage } from "../../src/authentication/arc/seal.ts";
import { verifyChain } from "../../src/authentication/arc/verify.ts";
import type { SigningKey } from "../../src/authentication/dkim/key-pair.ts";
import { signMessage } from "../../src/authentication/dkim/sign.ts";
import { verifySignatures } from "../../src/authentication/dkim/verify.ts";
import { newKey, NOW_MS, zoneOf } from "./dkim-signer.ts";
import { generatedMessages } from "./dkim-messages.ts";
import { crlf, keyZone } from "./key-zone.ts";

const RSA = newKey("rsa-sha256", "rsa2026", 2_048);
const ED = newKey("ed25519-sha256", "ed2026");
const ZONE = zoneOf(RSA, ED);

/** Lines dkimpy reads differently or not at all: lone CR and LF, no line end at the end, a header line without a colon. */
const isPlain = (message: Buffer): boolean => {
  const text = message.toString("latin1");
  return (
    text.includes("\r\n\r\n") &&
    text.endsWith("\r\n") &&
    !/\r(?!\n)|(?<!\r)\n|no field at all|subject :/.test(text)
  );
};
const MESSAGES = [...generatedMessages(400)].filter(isPlain).slice(0, 100);

const SCRIPT = `
import base64, json, sys
import dkim
task = json.load(sys.stdin)
dns = lambda name, timeout=5: task["zone"].get((name.decode() if isinstance(name, bytes) else name).rstrip(".")).encode()
def verified(message, i):
    try:
        return bool(dkim.DKIM(message).verify(idx=i, dnsfunc=dns))
    except dkim.ValidationError as error:
        return str(error)
out = []
for text in task["messages"]:
    message = base64.b64decode(text)
    if task["do"] == "verify":
        out.append([verified(message, i) for i in (0, 1)])
    elif task["do"] == "arc":
        out.append(dkim.ARC(message).verify(dnsfunc=dns)[0].decode())
    else:
        for algorithm, selector, key, kinds in task["keys"]:
            signature = dkim.DKIM(message, signature_algorithm=algorithm.encode()).sign(
                selector.encode(), b"example.org", key.encode(), canonicalize=tuple(k.encode() for k in kinds))
            message = signature + message
        out.append(base64.b64encode(message).decode())
json.dump(out, sys.stdout)
`;

/** A Python that knows dkimpy with Ed25519. */
const python = ["python3", "/usr/bin/python3"].find(
  (program) => spawnSync(program, ["-c", "import dkim, nacl.signing"]).status === 0,
);
const skip = python === undefined ? "dkimpy is not here: apt-get install python3-dkim python3-nacl" : false;

function dkimpy<T>(task: { readonly messages: readonly Buffer[]; readonly [key: string]: unknown }): T[] {
  const input = JSON.stringify({
    ...task,
    zone: ZONE,
    messages: task.messages.map((one) => one.toString("base64")),
  });
  const run = spawnSync(python ?? "", ["-c", SCRIPT], { input, encoding: "utf8", maxBuffer: 1 << 28 });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout) as T[];
}

test("dkimpy verifies both our signatures", { skip }, (t) => {
  const messages = MESSAGES.map((one) =>
    Buffer.concat([signMessage(one, [RSA, ED], { now_ms: NOW_MS }), one]),
  );
  const results = dkimpy<unknown[]>({ do: "verify", messages });
  for (const [i, result] of results.entries()) {
    assert.deepEqual(result, [true, true], String(messages[i]));
  }
  const changed = messages.map((one) => Buffer.concat([one, Buffer.from("x\r\n")]));
  assert.ok(
    dkimpy<unknown[]>({ do: "verify", messages: changed.slice(0, 3) })
      .flat()
      .every((one) => one !== true),
  );
  t.diagnostic(`${results.length} messages`);
  assert.ok(results.length >= 50);
});

test("we verify the signatures of dkimpy", { skip }, async (t) => {
  const seed = ED.privateKey.export({ type: "pkcs8", format: "der" }).subarray(-32).toString("base64");
  const pem = pkcs1(RSA);
  let count = 0;
  for (const kinds of [
    ["relaxed", "relaxed"],
    ["simple", "simple"],
    ["relaxed", "simple"],
    ["simple", "relaxed"],
  ]) {
    const keys = [
      ["ed25519-sha256", "ed2026", seed, kinds],
      ["rsa-sha256", "rsa2026", pem, kinds],
    ];
    for (const signed of dkimpy<string>({ do: "sign", keys, messages: MESSAGES.slice(0, 25) })) {
      const octets = Buffer.from(signed, "base64");
      const results = await verifySignatures(octets, keyZone(ZONE), { now_ms: Date.now() });
      const words = results.map(({ result, problem }) => `${result} ${problem ?? ""}`.trim());
      assert.deepEqual(words, ["pass", "pass"], `${kinds.join("/")}\n${octets.toString("latin1")}`);
      count++;
    }
  }
  t.diagnostic(`${count} messages`);
});

test("dkimpy validates chains we sealed", { skip }, async () => {
  const authenticationResults = "mx.example.org; spf=pass smtp.mailfrom=example.net";
  const messages: Buffer[] = [];
  for (const message of MESSAGES.slice(0, 10)) {
    let octets = message;
    for (let i = 1; i <= 3; i++) {
      const chain = await verifyChain(octets, keyZone(ZONE), { now_ms: NOW_MS });
      const set = sealMessage(octets, RSA, { now_ms: NOW_MS, chain, authenticationResults });
      assert.ok(set);
      octets = Buffer.concat([set, Buffer.from(`Received: by hop ${i}\r\n`), octets]);
    }
    messages.push(octets);
  }
  assert.deepEqual(
    dkimpy<string>({ do: "arc", messages }),
    messages.map(() => "pass"),
  );
});

const testmsg = ["opendkim-testmsg", "/usr/sbin/opendkim-testmsg"].find(
  (program) => spawnSync(program, [], { input: "" }).error === undefined,
);

test(
  "a real signature of OpenDKIM's old kind, rsa-sha1, is read and does not pass (RFC 8301 §3.1)",
  { skip: testmsg === undefined ? "OpenDKIM is not here: apt-get install opendkim-tools" : false },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "wachpost-opendkim-"));
    try {
      const keyFile = join(folder, "key.pem");
      writeFileSync(keyFile, pkcs1(RSA), { mode: 0o600 });
      const args = ["-d", "example.org", "-s", "rsa2026", "-k", keyFile, "-t", folder];
      const input =
        "From: a@example.org\nTo: b@example.net\nSubject: x\nDate: Fri, 11 Jul 2003 21:00:37 -0700\n\nHi.\n";
      const run = spawnSync(testmsg ?? "", args, { input, encoding: "latin1" });
      assert.equal(run.status, 0, run.stderr);
      const [result] = await verifySignatures(crlf(run.stdout), keyZone(ZONE), { now_ms: Date.now() });
      const { result: word, problem, domain, selector } = result ?? {};
      assert.deepEqual([word, problem, domain, selector], ["policy", "rsa-sha1", "example.org", "rsa2026"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

function pkcs1(key: SigningKey): string {
  return key.privateKey.export({ type: "pkcs1", format: "pem" }).toString();
}
