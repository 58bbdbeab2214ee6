/** Writes the tables of `docs/attack.md`: every attack, every published hole. `node tools/attack-table.ts` */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ADVISORIES } from "../src/doctor/attack/advisories.ts";
import { ATTACKED, ATTACKS } from "../src/doctor/attack/cases.ts";
import { checkOf, FAMILIES, type CheckId, type Family } from "../src/doctor/checks.ts";
import { MUTATIONS } from "../test/attack/mutation-table.ts";
import { between } from "./doctor-table.ts";

const DOC = fileURLToPath(new URL("../docs/attack.md", import.meta.url));

function casesTable(): string {
  const rows = (Object.keys(FAMILIES) as Family[]).flatMap((family) => {
    const ids = ATTACKED.filter((id) => checkOf(id).family === family);
    return ids.length === 0 ? [] : [`| **${FAMILIES[family].en}** | | | | |`, ...ids.map(rowOf)];
  });
  return [
    "| attack | holds when | source | weight | noticed when |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function rowOf(id: CheckId): string {
  const { title, source } = checkOf(id);
  const own = ATTACKS.find(({ check }) => check === id);
  const noticed = MUTATIONS.filter(({ check, also }) => check === id || also.includes(id)).map(
    ({ name }) => name,
  );
  const weight = own === undefined ? "light" : `${own.weight}${own.needs === "account" ? ", mailbox" : ""}`;
  return `| \`${id}\` | ${title.en} | ${source} | ${weight} | ${noticed.join("; ")} |`;
}

function advisoryTable(): string {
  const rows = ADVISORIES.map((one) => {
    const how =
      "tried" in one ? one.tried.map((check) => `\`${check}\``).join(", ") : `not here: ${one.notHere}`;
    return `| ${one.id} | ${one.product} | ${one.about} | ${how} |`;
  });
  return ["| published as | in | about | tried by |", "|---|---|---|---|", ...rows, ""].join("\n");
}

/** The page with the tables in their places. */
export const attackPageWithTables = (text: string): string =>
  between(between(text, "cases", casesTable()), "advisories", advisoryTable());

export const attackPage = (): string => readFileSync(DOC, "utf8");

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(DOC, attackPageWithTables(attackPage()));
