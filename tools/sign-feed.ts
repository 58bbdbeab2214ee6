/**
 * Makes and signs the list of releases that `wachpost upgrade check` reads.
 *
 *   node tools/sign-feed.ts key FILE                       a new private key; prints the public one, for `updates.key`
 *   node tools/sign-feed.ts sign KEY RELEASES.json DAYS    the feed on standard output, good for so many days
 *   node tools/sign-feed.ts hash TARBALL                   the sha512 of a package, for RELEASES.json
 *
 * RELEASES.json: `[{ "version", "date", "severity": "normal" | "security" | "critical", "text": { "en", "de" }, "sha512" }]`
 */
import { createHash, createPrivateKey, generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { feedKeyText, releaseOf, signFeed } from "../src/upgrade/feed.ts";

const DAY_MS = 24 * 3_600_000;

const [what, ...args] = process.argv.slice(2);
const run = { key: makeKey, sign: signReleases, hash: hashOf }[what ?? ""];
process.stdout.write(
  run === undefined ? wrong("key FILE | sign KEY RELEASES.json DAYS | hash TARBALL") : run(args),
);

function makeKey([file = wrong("key FILE")]: readonly string[]): string {
  if (existsSync(file))
    return wrong(`${file} is there already; machines that know its public key keep needing it`);
  const { privateKey } = generateKeyPairSync("ed25519");
  writeFileSync(file, privateKey.export({ format: "pem", type: "pkcs8" }), { flag: "wx", mode: 0o600 });
  return `${feedKeyText(privateKey)}\n`;
}

function signReleases([key = "", file = "", days = ""]: readonly string[]): string {
  if (!/^[1-9][0-9]{0,2}$/.test(days)) return wrong("sign KEY RELEASES.json DAYS");
  const listed: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!Array.isArray(listed)) return wrong(`${file} holds no list`);
  const releases = listed.map(
    (one, i) =>
      releaseOf(one) ??
      wrong(
        `release ${i + 1} of ${file} is not { version, date, severity, text: { en, de }, sha512 of 128 hexadecimal digits }`,
      ),
  );
  const made_ms = Date.now();
  const expires_ms = made_ms + Number(days) * DAY_MS;
  return signFeed({ made_ms, expires_ms, releases }, createPrivateKey(readFileSync(key)));
}

function hashOf([file = wrong("hash TARBALL")]: readonly string[]): string {
  return `${createHash("sha512").update(readFileSync(file)).digest("hex")}\n`;
}

function wrong(text: string): never {
  process.stderr.write(`sign-feed: ${text}\n`);
  process.exit(2);
}
