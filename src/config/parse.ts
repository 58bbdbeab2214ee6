import { parse as parseToml, TomlError } from "smol-toml";
import { z } from "zod";
import { err, ok, type Result } from "../base/result.ts";
import type { ConfigFinding } from "./finding.ts";
import { lineOf } from "./locate.ts";
import { nearest } from "./nearest.ts";
import { configSchema, type Config } from "./schema.ts";

/** Reads the text of a `wachpost.toml`: every finding with its line and, for a mistyped key, the likely one (G-04). */
export function parseConfig(text: string): Result<Config, readonly ConfigFinding[]> {
  const toml = readToml(text);
  if (!toml.ok) return toml;
  const checked = configSchema.safeParse(toml.value);
  const findings = checked.success
    ? contradictions(checked.data, text)
    : checked.error.issues.flatMap((issue) => findingsOf(issue, text));
  if (checked.success && findings.length === 0) return ok(checked.data);
  return err(findings.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)));
}

type Place = (...path: readonly string[]) => Pick<ConfigFinding, "line" | "key">;

/** Settings that are good one by one and cannot both be meant. */
function contradictions(config: Config, text: string): readonly ConfigFinding[] {
  if (!config.tls.acme.enabled) return [];
  const at: Place = (...path) => ({ line: lineOf(text, path), key: path.join(".") });
  return [...twoCertificates(config, at), ...challengeFindings(config, at)];
}

function twoCertificates({ tls }: Config, at: Place): readonly ConfigFinding[] {
  const file = (["certificate", "key"] as const).find((name) => tls[name] !== undefined);
  if (file === undefined) return [];
  const message = "a certificate of your own, but tls.acme.enabled asks for one from an authority";
  return [{ ...at("tls", file), message, suggestion: "Remove one of the two." }];
}

/** Here and not at the first renewal, when nobody looks. */
function challengeFindings(config: Config, at: Place): readonly ConfigFinding[] {
  const {
    dns,
    listeners,
    tls: { acme },
  } = config;
  const place = at("tls", "acme", "challenge");
  if (acme.challenge === "dns-01") {
    if (dns.update !== undefined) return [];
    const message = "the proof is a DNS record, but nobody can set it";
    const suggestion = "Set dns.update (server, key, secret_file), or choose another challenge.";
    return [{ ...place, message, suggestion }];
  }
  const port = acme.port ?? CHALLENGE_PORTS[acme.challenge];
  const isThere = (address: string): boolean =>
    ANY.includes(address) || acme.address === undefined || acme.address === address;
  const door = (["web", "imaps", "submissions"] as const).find(
    (name) =>
      listeners[name].enabled && listeners[name].port === port && listeners[name].addresses.some(isThere),
  );
  if (door === undefined) return [];
  const message = `port ${port} is where ${acme.challenge} is answered, and also listeners.${door}`;
  const suggestion =
    'Set tls.acme.challenge = "http-01", which needs port 80, or "dns-01", or give one of them another port.';
  return [{ ...place, message, suggestion }];
}

/** Where the authority comes to look; by DNS it comes to no port. */
const CHALLENGE_PORTS = { "http-01": 80, "tls-alpn-01": 443 } as const;
const ANY: readonly string[] = ["0.0.0.0", "::"];

function readToml(text: string): Result<unknown, readonly ConfigFinding[]> {
  try {
    return ok(parseToml(text));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const message = error.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "") ?? "is not TOML";
    return err([{ line: error.line, key: "", message: `not TOML: ${message}` }]);
  }
}

type Issue = z.core.$ZodIssue;

function findingsOf(issue: Issue, text: string): ConfigFinding[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key, text));
  return [{ line: lineOf(text, path), key: path.join("."), message: messageOf(issue) }];
}

function unknownKey(path: readonly string[], key: string, text: string): ConfigFinding {
  const full = [...path, key];
  const suggestion = likelyKey(path, key);
  return {
    line: lineOf(text, full),
    key: full.join("."),
    message: "no such setting",
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function likelyKey(path: readonly string[], key: string): string | undefined {
  // TOML counts a key to the table above it, wherever its author thought it stands.
  if (path.length > 0 && keysAt([]).includes(key))
    return `${key} belongs to no table: put it at the top of the file, above the first [table].`;
  const likely = nearest(key, keysAt(path));
  return likely === undefined ? undefined : `Did you mean ${[...path, likely].join(".")}?`;
}

function messageOf(issue: Issue): string {
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined"))
    return `is missing (${issue.expected} expected)`;
  return issue.message.replace(/^Invalid input: /, "").replace(/^Too (big|small): /, "");
}

/** Names of the settings directly below a path. */
function keysAt(path: readonly string[]): string[] {
  let schema: z.ZodType = configSchema;
  for (const part of path) {
    const object = unwrap(schema);
    if (object instanceof z.ZodArray) schema = object.element as z.ZodType;
    else if (object instanceof z.ZodObject)
      schema = (object.shape as Record<string, z.ZodType>)[part] ?? schema;
  }
  const object = unwrap(schema);
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) {
    inner = inner.unwrap() as z.ZodType;
  }
  return inner;
}
