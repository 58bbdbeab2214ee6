/**
 * Properties of the Postfix import under random input: `node --test test/fuzz/postfix.ts`. FUZZ_RUNS sets how often each
 * property is tried, FUZZ_SEED repeats a run.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseConfig } from "../../src/config/parse.ts";
import { policyOf } from "../../src/policy/from-config.ts";
import { expandValue } from "../../src/postfix/expand.ts";
import { importPostfix } from "../../src/postfix/import.ts";
import { POSTFIX_LIMITS } from "../../src/postfix/limits.ts";
import { lintPostfix } from "../../src/postfix/lint.ts";
import { parseMainCf } from "../../src/postfix/main-cf.ts";
import { parseMasterCf } from "../../src/postfix/master-cf.ts";
import { renderToml } from "../../src/postfix/render-toml.ts";
import { renderPolicy, renderPolicyTests, renderReport } from "../../src/postfix/render.ts";
import { parseAliases } from "../../src/postfix/tables/aliases.ts";
import { parsePasswdFile } from "../../src/postfix/tables/passwd-file.ts";
import { parseTableReference } from "../../src/postfix/tables/table-reference.ts";
import { parseCidrTable, parseIndexedTable, parsePatternTable } from "../../src/postfix/tables/table-text.ts";
import { splitWords } from "../../src/postfix/words.ts";
import { HOUSE, sourcesOf } from "../postfix/house.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 300);
const seed = process.env["FUZZ_SEED"];
const options = { numRuns, ...(seed === undefined ? {} : { seed: Number(seed) }) };

const PIECES = [
  ...'${}()?:=,\n \t#!/"\\|@.<>[]*+-'.split(""),
  "$$",
  "${",
  "{{ x }}",
  "{% if %}",
  "\r\n",
  "\0",
  "hash:",
  "proxy:",
  "cidr:/etc/x",
  "inline:{ {a = b} }",
  "unionmap:{",
  "static:all",
  "permit",
  "reject",
  "warn_if_reject",
  "reject_rbl_client",
  "zen.spamhaus.org=127.0.0.[2..11]*3",
  "check_client_access",
  "strict",
  "smtpd_recipient_restrictions",
  "smtpd_restriction_classes",
  "mynetworks",
  "0.0.0.0/0",
  "[::1]/128",
  "if",
  "endif",
  ":include:",
  "/^a$/",
  "example.org",
  "a@example.net",
  "🦉",
  "\u2028",
  "9".repeat(30),
  "5d",
  "smtp",
  "inet",
  "-o",
  "smtpd",
];
const text = fc.string({
  unit: fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: "binary", maxLength: 2 })),
  maxLength: 60,
});
const NAMES = [...(HOUSE["main.cf"]?.matchAll(/^(\w+) =/gm) ?? [])].map((match) => match[1] as string);
const setting = fc
  .tuple(
    fc.constantFrom(...NAMES, "relay_domains", "postscreen_dnsbl_sites", "smtpd_tls_chain_files", "x"),
    text,
  )
  .map(([name, value]) => `${name} = ${value}`);
const mainCf = fc.array(fc.oneof(setting, text), { maxLength: 12 }).map((lines) => lines.join("\n"));

test("parsers never throw, and places are in the text", () => {
  fc.assert(
    fc.property(text, (input) => {
      const lines = input.split("\n").length;
      const { settings, faults } = parseMainCf(input);
      for (const { line, column } of [...settings, ...faults])
        assert.ok(line >= 1 && line <= lines && column >= 1);
      parseMasterCf(input);
      parseTableReference(input);
      for (const parse of [
        parseIndexedTable,
        parseCidrTable,
        parsePatternTable,
        parsePasswdFile,
        parseAliases,
      ]) {
        for (const { line } of parse(input).faults) assert.ok(line >= 1 && line <= lines);
      }
    }),
    options,
  );
});

test("words: each stands where it says, and none is lost", () => {
  fc.assert(
    fc.property(text, (input) => {
      const words = splitWords(input);
      for (const { text: word, at } of words) assert.equal(input.slice(at, at + word.length), word);
      assert.equal(
        words
          .map((word) => word.text)
          .join("")
          .replaceAll(/[\s,]/g, ""),
        input.replaceAll(/[\s,]/g, ""),
      );
    }),
    options,
  );
});

test("expansion ends and stays bounded, whatever the names refer to", () => {
  const values = fc.dictionary(fc.constantFrom("a", "b", "c"), text);
  fc.assert(
    fc.property(text, values, (input, names) => {
      const { text: out } = expandValue(`${input}$a\${b}`, (name) => names[name]);
      assert.ok(out.length <= POSTFIX_LIMITS.expansionMax);
    }),
    options,
  );
});

test("import and lint never throw; every setting has its line; the TOML is TOML; nothing spills over a line", () => {
  const files = fc.record({ main: mainCf, master: text, table: text });
  fc.assert(
    fc.property(files, ({ main, master, table }) => {
      const sources = sourcesOf({
        ...HOUSE,
        "main.cf": main,
        "master.cf": master,
        "/etc/x": table,
        "/etc/postfix/virtual": table,
        "/etc/aliases": table,
        "/etc/postfix/transport": table,
        "/etc/postfix/clients": table,
        "/etc/dovecot/mailusers": table,
      });
      const imported = importPostfix(sources);
      assert.ok(imported);
      for (const { name, line } of parseMainCf(main).settings) {
        assert.ok(
          imported.report.some((each) => each.setting === name && each.line === line),
          name,
        );
      }
      const config = parseConfig(renderToml(imported));
      if (!config.ok)
        assert.deepEqual(
          config.error.map(({ key }) => key),
          ["hostname"],
          renderToml(imported),
        );
      const complete = config.ok
        ? config
        : parseConfig(`hostname = "a.example.org"\n${renderToml(imported)}`);
      assert.ok(complete.ok);
      for (const { severity, message } of policyOf(complete.value).findings) {
        assert.ok(severity !== "error", message);
      }
      for (const line of renderPolicyTests(imported))
        assert.match(line, /^wachpost policy test(?: --[a-z]+ [A-Za-z0-9.:_+-]+(?:@[a-z0-9._-]+)?)+$/);
      assert.doesNotMatch(renderReport(imported) + renderPolicy(imported), /[\0\r\u2028]/);
      for (const { name } of imported.policy.tables) assert.match(name, /^[A-Za-z0-9_-]+$/);
      assert.ok(lintPostfix(sources));
    }),
    options,
  );
});
