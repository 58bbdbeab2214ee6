/** What other testers say of a server, each brought to the same questions. */
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CheckId } from "../../src/doctor/checks.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import type { Service } from "../../src/doctor/probe.ts";
import { evidenceText } from "../../src/doctor/words/told.ts";

/** `-`: it does not look; `?`: it looked and cannot say. */
export type Verdict = "bad" | "ok" | "?" | "-";
export type Seen = ReadonlyMap<string, Verdict>;

export type Question = {
  readonly title: string;
  readonly doctor: readonly CheckId[];
  readonly testssl?: readonly string[];
  /** What its XML has where it is bad. */
  readonly sslscan?: RegExp;
  /** What nmap prints where it is bad, and by which it shows that it looked. */
  readonly nmap?: readonly [bad: RegExp, looked: RegExp];
  readonly swaks?: RegExp;
};

const accepted = (cipher: string): RegExp =>
  new RegExp(`<cipher status="(?:accepted|preferred)"[^>]*cipher="[^"]*${cipher}`);
const protocol = (type: string, version: string): RegExp =>
  new RegExp(`<protocol type="${type}" version="${version}" enabled="1"`);
const CIPHERS = /ssl-enum-ciphers/;

export const QUESTIONS: readonly Question[] = [
  { title: "SSL 2", doctor: ["ssl2"], testssl: ["SSLv2"], sslscan: protocol("ssl", "2") },
  {
    title: "SSL 3",
    doctor: ["ssl3"],
    testssl: ["SSLv3"],
    sslscan: protocol("ssl", "3"),
    nmap: [/SSLv3:/, CIPHERS],
  },
  {
    title: "TLS 1.0",
    doctor: ["tls-1-0"],
    testssl: ["TLS1"],
    sslscan: protocol("tls", "1.0"),
    nmap: [/TLSv1\.0:/, CIPHERS],
  },
  {
    title: "TLS 1.1",
    doctor: ["tls-1-1"],
    testssl: ["TLS1_1"],
    sslscan: protocol("tls", "1.1"),
    nmap: [/TLSv1\.1:/, CIPHERS],
  },
  {
    title: "no encryption (NULL)",
    doctor: ["cipher-null"],
    testssl: ["cipherlist_NULL"],
    sslscan: accepted("NULL"),
    nmap: [/_WITH_NULL/, CIPHERS],
  },
  {
    title: "anonymous suites",
    doctor: ["cipher-anon"],
    testssl: ["cipherlist_aNULL"],
    sslscan: accepted("(?:ADH|AECDH|anon)"),
    nmap: [/_anon_/, CIPHERS],
  },
  {
    title: "export suites",
    doctor: ["cipher-export"],
    testssl: ["cipherlist_EXPORT"],
    sslscan: accepted("EXP"),
    nmap: [/EXPORT/, CIPHERS],
  },
  {
    title: "RC4, DES",
    doctor: ["cipher-low"],
    testssl: ["cipherlist_LOW"],
    sslscan: accepted("(?:RC4|DES-CBC-)"),
    nmap: [/_RC4_|_DES_/, CIPHERS],
  },
  {
    title: "triple DES",
    doctor: ["cipher-3des"],
    testssl: ["cipherlist_3DES_IDEA"],
    sslscan: accepted("(?:3DES|DES-CBC3)"),
    nmap: [/_3DES_/, CIPHERS],
  },
  {
    title: "CBC suites",
    doctor: ["cipher-cbc"],
    testssl: ["cipherlist_AVERAGE"],
    sslscan: accepted("(?:CBC|ECDHE-(?:RSA|ECDSA)-AES(?:128|256)-SHA)"),
    nmap: [/_CBC_/, CIPHERS],
  },
  {
    title: "no forward secrecy (RSA)",
    doctor: ["cipher-rsa"],
    sslscan: /cipher="(?:AES|CAMELLIA|TLS_RSA)/,
    nmap: [/TLS_RSA_WITH/, CIPHERS],
  },
  {
    title: "the client picks the cipher",
    doctor: ["cipher-order"],
    testssl: ["cipher_order"],
    nmap: [/cipher preference: client/, CIPHERS],
  },
  {
    title: "small Diffie-Hellman group",
    doctor: ["dh-group"],
    testssl: ["DH_groups", "LOGJAM-common_primes"],
    nmap: [/\(dh (?:1024|2048)\)/, CIPHERS],
  },
  {
    title: "compression",
    doctor: ["tls-compression"],
    testssl: ["CRIME_TLS"],
    nmap: [/compressors:\s*\|?\s*(?:DEFLATE|ZLIB)/i, CIPHERS],
  },
  {
    title: "renegotiation not secured",
    doctor: ["secure-renegotiation"],
    testssl: ["secure_renego"],
    sslscan: /<renegotiation supported="1" secure="0"/,
  },
  {
    title: "certificate not trusted",
    doctor: ["cert-trust"],
    testssl: ["cert_chain_of_trust", "cert_trust"],
    sslscan: /<self-signed>true/,
  },
  { title: "key of the certificate below 3072 bits", doctor: ["cert-key"], testssl: ["cert_keySize"] },
  { title: "words behind STARTTLS", doctor: ["starttls-injection"] },
  {
    title: "open relay",
    doctor: ["relay", "relay-forms"],
    nmap: [/Server is an open relay/, /smtp-open-relay/],
    swaks: / -> RCPT TO[^\n]*\n<-\s+250/,
  },
  { title: "false ends of a message (smuggling)", doctor: ["smuggling"] },
  {
    title: "VRFY, EXPN tell addresses",
    doctor: ["vrfy", "expn"],
    nmap: [/smtp-enum-users:[^:]*?\|_?\s+(?:root|admin|webadmin|postmaster)/, /smtp-enum-users/],
  },
  {
    title: "password before TLS",
    doctor: ["auth-before-tls"],
    nmap: [/AUTH=PLAIN|\bUSER\b|250[^\n]*AUTH|\bAUTH (?:PLAIN|LOGIN)/, /capabilities|smtp-commands/],
    swaks: /250[- ]AUTH/,
  },
  { title: "size without limit", doctor: ["size-limit"] },
  {
    title: "unknown recipient accepted",
    doctor: ["unknown-recipient"],
    nmap: [/by RCPT:[^:]*?\|_?\s+(?:root|admin|webadmin)/, /by RCPT/],
  },
];

const run = (program: string, args: readonly string[], deadline_ms: number): Promise<string> =>
  new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => void (text += chunk.toString("latin1")));
    const timer = setTimeout(
      () => child.pid !== undefined && process.kill(-child.pid, "SIGKILL"),
      deadline_ms,
    );
    child.on("error", () => resolve(""));
    child.on("close", () => {
      clearTimeout(timer);
      resolve(text);
    });
  });

const DEADLINE_MS = 420_000;
const AGAIN_MAX = 10;
const AGAIN_MS = 3_000;

export function fromDoctor(findings: readonly Finding[]): Seen {
  const questions = QUESTIONS.flatMap(({ doctor }) => doctor);
  for (const { check, grade, evidence } of findings)
    if (grade === "unknown" && questions.includes(check))
      console.log(`  doctor, ${check}: ${evidenceText(evidence, "en")}`);
  return new Map(
    QUESTIONS.map(({ title, doctor }) => {
      const grades = findings.filter(({ check }) => doctor.includes(check)).map(({ grade }) => grade);
      if (grades.some((grade) => grade === "fail" || grade === "warn")) return [title, "bad"];
      return [title, grades.length === 0 ? "-" : grades.includes("unknown") ? "?" : "ok"];
    }),
  );
}

export async function testssl(address: string, port: number, service: Service): Promise<Seen> {
  const file = join(tmpdir(), `testssl-${port}-${process.pid}.json`);
  rmSync(file, { force: true });
  const args = ["--quiet", "--color", "0", "--warnings", "off", "--jsonfile", file, "--starttls", service];
  await run(
    "testssl",
    [...args, "-p", "-s", "-P", "-R", "-C", "-J", "-S", `${address}:${port}`],
    DEADLINE_MS,
  );
  let said: readonly { id: string; severity: string }[] = [];
  try {
    said = JSON.parse(readFileSync(file, "utf8")) as typeof said;
  } catch {}
  rmSync(file, { force: true });
  return new Map(
    QUESTIONS.map(({ title, testssl: ids }) => {
      if (ids === undefined) return [title, "-"];
      const here = said.filter(({ id }) => ids.some((one) => id === one || id.startsWith(`${one} `)));
      if (here.length === 0) return [title, said.length === 0 ? "?" : "-"];
      return [title, here.some(({ severity }) => /LOW|MEDIUM|HIGH|CRITICAL/.test(severity)) ? "bad" : "ok"];
    }),
  );
}

export async function sslscan(address: string, port: number, service: Service): Promise<Seen> {
  const text = await run(
    "sslscan",
    // Exim serves twenty at once by default and refuses the rest; it forgets who has left after a moment.
    ["--no-colour", "--sleep=100", `--starttls-${service}`, "--xml=-", `${address}:${port}`],
    DEADLINE_MS,
  );
  const worked = text.includes("<protocol ") && text.includes("<self-signed>");
  if (!worked) console.log(`  sslscan: ${text.slice(-400)}`);
  return new Map(
    QUESTIONS.map(({ title, sslscan: bad }) => [
      title,
      bad === undefined ? "-" : !worked ? "?" : bad.test(text) ? "bad" : "ok",
    ]),
  );
}

export async function nmap(address: string, port: number, domain: string): Promise<Seen> {
  const script = (names: string, methods: string): Promise<string> => {
    const words = `smtp.domain=${domain},smtp-enum-users.domain=${domain},smtp-enum-users.methods={${methods}}`;
    const args = ["-Pn", "-sV", "-p", String(port), "--script", names, "--script-args", words, address];
    return run("nmap", args, DEADLINE_MS);
  };
  const others =
    "smtp-commands,smtp-open-relay,smtp-enum-users,ssl-enum-ciphers,imap-capabilities,pop3-capabilities";
  const byRcpt = await script("smtp-enum-users", "RCPT");
  // Its script says names, not which command told them: each kind of command is a call of its own.
  const text = `${await script(others, "VRFY,EXPN")}\n${byRcpt.replaceAll("smtp-enum-users", "by RCPT")}`;
  return new Map(
    QUESTIONS.map(({ title, nmap: asked }) => {
      if (asked === undefined) return [title, "-"];
      const [bad, looked] = asked;
      return [title, bad.test(text) ? "bad" : looked.test(text) ? "ok" : "-"];
    }),
  );
}

/** A stranger's mail to a stranger, up to RCPT. */
export async function swaks(address: string, port: number, service: Service): Promise<Seen> {
  if (service !== "smtp") return new Map();
  const args = [
    "--server",
    `${address}:${port}`,
    "--from",
    "tester@example.com",
    "--to",
    "victim@example.net",
  ];
  const ask = (): Promise<string> =>
    run("swaks", [...args, "--quit-after", "RCPT", "--helo", "tester.example.com"], 30_000);
  let text = await ask();
  // Exim still counts those who asked before.
  for (let again = 0; again < AGAIN_MAX && /^<\S* +421/m.test(text); again++) {
    await sleep(AGAIN_MS);
    text = await ask();
  }
  const worked = text.includes("<-  220");
  if (!worked) console.log(`  swaks: ${text.slice(0, 400)}`);
  return new Map(
    QUESTIONS.flatMap(({ title, swaks: bad }): [string, Verdict][] =>
      bad === undefined ? [] : [[title, !worked ? "?" : bad.test(text) ? "bad" : "ok"]],
    ),
  );
}
