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

/** Settings that are good one by one and cannot both be meant. */
function contradictions({ tls }: Config, text: string): readonly ConfigFinding[] {
  const files = (["certificate", "key"] as const).filter((name) => tls[name] !== undefined);
  const at = (name: string): Pick<ConfigFinding, "line" | "key"> => ({
    line: lineOf(text, ["tls", name]),
    key: `tls.${name}`,
  });
  if (tls.acme.enabled && files[0] !== undefined)
    return [
      {
        ...at(files[0]),
        message: "a certificate of your own, but tls.acme.enabled asks for one from an authority",
        suggestion: "Remove one of the two.",
      },
    ];
  return [];
}

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
  const likely = nearest(key, keysAt(path));
  const full = [...path, key];
  return {
    line: lineOf(text, full),
    key: full.join("."),
    message: "no such setting",
    ...(likely === undefined ? {} : { suggestion: `Did you mean ${[...path, likely].join(".")}?` }),
  };
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
