/**
 * Properties of the parsers of `src/policy`: `node test/fuzz/policy.ts [runs] [seed]`. The unit tests run a short round
 * of the same; FUZZ_RUNS makes it longer.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { parseSite } from "../../src/policy/dnsbl.ts";
import { parseFilter } from "../../src/policy/list-filter.ts";
import { compilePattern } from "../../src/policy/regexp/program.ts";
import { matchPattern } from "../../src/policy/regexp/run.ts";
import { parseRestrictions } from "../../src/policy/restrictions.ts";
import { DEFAULT_SETTINGS } from "../../src/policy/settings.ts";
import { parseTableAction } from "../../src/policy/table-action.ts";
import { searchKeys } from "../../src/policy/table-search.ts";
import { findInTable, parseTable, type TableKind } from "../../src/policy/tables.ts";
import { runTranscript } from "../../src/policy/transcript.ts";

/** Text that looks like rules, tables and transcripts, cut and mixed. */
const piece = fc.oneof(
  fc.constantFrom(
    "reject_rbl_client ",
    "zen.spamhaus.org",
    "=127.0.0.[2..",
    "11]",
    "*",
    "-4",
    "{",
    "}",
    ",",
    "\n ",
    "warn_if_reject ",
    "check_client_access ",
    "hash:",
    "/etc/x",
    "permit",
    "/^a(b|c)+",
    "$/",
    "i ",
    " OK",
    "REJECT 5.7.1 ",
    "if ",
    "endif\n",
    "!",
    "192.0.2.0/24",
    "2001:db8::/32",
    "@example.org",
    "#",
    "\\",
    "[",
    "]",
    "(",
    ")",
    "?",
    "{2,3}",
    "table t hash\n",
    "rcpt <",
    ">\n",
    "client 192.0.2.1 ",
    "smtpd_client_restrictions = ",
    "zone a.b A ",
    "mail <x@y> spf=pass\n",
    "=> x\n",
    "smtpd_restriction_classes = a\n",
    "a = a\n",
    "&64",
    ";",
    "sleep 9",
    "use = defaults\n",
    "dnsbl_sites = ",
  ),
  fc.string({ maxLength: 6 }),
  fc.string({ unit: "binary", maxLength: 3 }),
);
const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));

/** Patterns that mean the same to JavaScript; no repeats of repeats, so that its backtracking ends. */
const atom = fc.constantFrom(
  "a",
  "b",
  ".",
  "[ab]",
  "[^a]",
  "\\d",
  "\\.",
  "(?:a|b)",
  "(ab|a)",
  "x?",
  "a*",
  "b+",
  "a{1,2}",
  "a*?",
  "\\b",
  "^",
  "$",
);
const pattern = fc.array(atom, { maxLength: 8 }).map((atoms) => atoms.join(""));
const subject = fc.string({ unit: fc.constantFrom("a", "b", "x", "1", ".", "A"), maxLength: 12 });

const KINDS: readonly TableKind[] = ["indexed", "cidr", "pattern"];

function checkPlaces(source: string, places: readonly { line: number; column: number }[]): void {
  const lines = source.split("\n");
  for (const { line, column } of places) {
    assert.ok(line >= 1 && line <= lines.length, `line ${line} of ${lines.length}`);
    assert.ok(column >= 1);
  }
}

export async function fuzz(numRuns: number, seed?: number): Promise<void> {
  const parameters = seed === undefined ? { numRuns } : { numRuns, seed };
  fc.assert(
    fc.property(text, (source) => {
      const parsed = parseRestrictions(source, { stage: "connect", classes: new Set(["a"]) });
      checkPlaces(source, parsed.findings);
      const again = parseRestrictions(
        parsed.rules.map((rule) => (rule.shadow ? `warn_if_reject ${rule.text}` : rule.text)).join(", "),
        {
          stage: "connect",
          classes: new Set(["a"]),
        },
      );
      assert.deepEqual(
        again.rules.map((rule) => rule.text),
        parsed.rules.map((rule) => rule.text),
      );
    }),
    parameters,
  );
  fc.assert(
    fc.property(text, subject, fc.constantFrom(...KINDS), (source, key, kind) => {
      const parsed = parseTable(kind, source);
      checkPlaces(source, parsed.ok ? parsed.value.faults : parsed.error);
      if (parsed.ok)
        findInTable(
          parsed.value.table,
          searchKeys({ by: "mail", address: `${key}@${key}.b` }, DEFAULT_SETTINGS),
        );
      parseTableAction(source);
      parseFilter(source);
      const site = parseSite(source);
      if (site.ok) assert.deepEqual(parseSite(site.value.text), { ok: true, value: withoutKey(site.value) });
      compilePattern(source, { ignoreCase: true });
    }),
    parameters,
  );
  fc.assert(
    fc.property(pattern, subject, fc.boolean(), (source, over, ignoreCase) => {
      const compiled = compilePattern(source, { ignoreCase });
      if (!compiled.ok) return;
      const want = new RegExp(source, ignoreCase ? "is" : "s").exec(over);
      assert.deepEqual(matchPattern(compiled.value, over), want === null ? undefined : [...want]);
    }),
    parameters,
  );
  await fc.assert(
    fc.asyncProperty(text, async (source) => {
      const once = await runTranscript(source);
      assert.equal(await runTranscript(once), once);
    }),
    { ...parameters, numRuns: Math.ceil(numRuns / 4) },
  );
}

function withoutKey<T extends { readonly key?: string }>(site: T): Omit<T, "key"> {
  const { key: _key, ...rest } = site;
  return rest;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const runs = Number(process.argv[2] ?? process.env["FUZZ_RUNS"] ?? 20_000);
  const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000);
  await fuzz(runs, seed);
  console.log(`policy: ${runs} rounds from seed ${seed}`);
}
