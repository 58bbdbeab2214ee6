import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseConfig } from "../../src/config/parse.ts";
import { policyOf } from "../../src/policy/from-config.ts";
import { importPostfix } from "../../src/postfix/import.ts";
import { lintPostfix } from "../../src/postfix/lint.ts";
import { assertToldInGerman } from "./told.ts";
import { parseMainCf } from "../../src/postfix/main-cf.ts";
import { readDirectory } from "../../src/postfix/read-directory.ts";
import { renderToml } from "../../src/postfix/render-toml.ts";
import { renderPolicy, renderReport } from "../../src/postfix/render.ts";
import { outcomeTable } from "../../tools/postfix-import-table.ts";
import { corpusFiles } from "./corpus.ts";

const files = corpusFiles();

for (const { name, path } of files) {
  test(`${name}: every setting has a line with a reason, and the result can be read`, () => {
    const imported = importPostfix(readDirectory(path));
    assert.ok(imported);
    const main = parseMainCf(readFileSync(path, "utf8"));
    const lines = imported.report.filter(({ file }) => file === "main.cf");
    for (const { name: setting, line } of main.settings) {
      const found = lines.filter((each) => each.setting === setting && each.line === line);
      assert.ok(found.length > 0, `${setting} in line ${line}`);
      for (const { reason } of found) assert.notEqual(reason, "", setting);
    }
    for (const { line } of main.faults)
      assert.ok(
        lines.some((each) => each.line === line),
        `line ${line}`,
      );
    const toml = renderToml(imported);
    const complete = parseConfig(
      imported.settings.has("hostname") ? toml : `hostname = "a.example.org"\n${toml}`,
    );
    assert.ok(complete.ok, JSON.stringify(complete));
    const errors = policyOf(complete.value).findings.filter(({ severity }) => severity === "error");
    assert.deepEqual(errors, []);
    const config = parseConfig(toml);
    const missing = config.ok ? [] : config.error.map(({ key }) => key);
    assert.deepEqual(missing, imported.settings.has("hostname") ? [] : ["hostname"]);
    assert.ok(renderReport(imported).length > 0 && renderPolicy(imported).length > 0);
    for (const finding of lintPostfix(readDirectory(path)) ?? []) assertToldInGerman(finding);
  });
}

test("the corpus is there", (context) => {
  context.diagnostic(`${files.length} main.cf`);
  assert.ok(files.length >= 13);
});

test("docs/postfix-import.md is current: `node tools/postfix-import-table.ts`", () => {
  const doc = readFileSync(new URL("../../docs/postfix-import.md", import.meta.url), "utf8");
  assert.ok(doc.includes(outcomeTable()), "run node tools/postfix-import-table.ts");
});
