/** Writes the table of `docs/postfix-import.md`: what becomes of each main.cf of the corpus. `node tools/postfix-import-table.ts` */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { importPostfix } from "../src/postfix/import.ts";
import { lintPostfix } from "../src/postfix/lint.ts";
import { readDirectory } from "../src/postfix/read-directory.ts";
import { countOutcomes } from "../src/postfix/render.ts";
import { corpusFiles } from "../test/postfix/corpus.ts";

const DOC = fileURLToPath(new URL("../docs/postfix-import.md", import.meta.url));
const BEGIN = "<!-- table -->\n";
const END = "<!-- /table -->";

/** The table, one row a file: report lines of each outcome, findings of each severity. */
export function outcomeTable(): string {
  const rows = corpusFiles().map(({ name, path }) => {
    const sources = readDirectory(path);
    const imported = importPostfix(sources);
    const findings = lintPostfix(sources) ?? [];
    if (imported === undefined) return `| ${name} | refused: no main.cf | | | | | | |`;
    const counts = countOutcomes(imported.report);
    const severity = (wanted: string): number =>
      findings.filter((finding) => finding.severity === wanted).length;
    const figures = [
      counts["carried-over"],
      counts["changed-for-safety"],
      counts["not-carried-over"],
      counts.default,
      severity("danger"),
      severity("warning"),
      severity("hint"),
    ];
    return `| ${name} | ${figures.join(" | ")} |`;
  });
  return [
    "| file | carried over | changed for safety | not carried over | nothing to do | dangers | warnings | hints |",
    "|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = readFileSync(DOC, "utf8");
  const [head = ""] = text.split(BEGIN);
  const tail = text.slice(text.indexOf(END));
  writeFileSync(DOC, `${head}${BEGIN}${outcomeTable()}${tail}`);
}
