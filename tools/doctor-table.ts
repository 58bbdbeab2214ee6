/** Writes the table of `docs/doctor.md`: every check and the fixtures it was seen red on. `node tools/doctor-table.ts` */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CHECK_IDS, checkOf, FAMILIES, type Family } from "../src/doctor/checks.ts";
import { SUBTESTS } from "../src/doctor/internet-nl.ts";
import { OWN_CONTROLS } from "../test/doctor/own-controls.ts";
import { POSTFIX_CONTROLS } from "../test/doctor/postfix-controls.ts";
import { SERVER_CONTROLS } from "../test/doctor/server-controls.ts";
import { WEB_CONTROLS } from "../test/doctor/web-controls.ts";
import { WIRE_CONTROLS } from "../test/doctor/wire-controls.ts";
import { zoneControls, type Control } from "../test/doctor/zone-controls.ts";

const DOC = fileURLToPath(new URL("../docs/doctor.md", import.meta.url));

/** All fixtures that are wrong on purpose. */
export const allControls = (): readonly (Control & { readonly name: string })[] => [
  ...zoneControls(""),
  ...SERVER_CONTROLS,
  ...WIRE_CONTROLS,
  ...WEB_CONTROLS,
  ...OWN_CONTROLS,
  ...POSTFIX_CONTROLS,
];

/** One row a check, by family; those of attacks stand in docs/attack.md. */
export function checkTable(): string {
  const families = (Object.keys(FAMILIES) as Family[]).filter((family) => !family.startsWith("attack-"));
  const rows = families.flatMap((family) => {
    const ids = CHECK_IDS.filter((id) => checkOf(id).family === family);
    return [`| **${FAMILIES[family].en}** | | | | | |`, ...ids.map(rowOf)];
  });
  return [
    "| check | looks whether | source | Internet.nl | testssl.sh | seen on a fixture that has |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function rowOf(id: (typeof CHECK_IDS)[number]): string {
  const { title, source, internetNl = "", testssl = "" } = checkOf(id);
  const controls = allControls()
    .filter(({ check }) => check === id)
    .map(({ name, grade }) => `${name} (${grade})`)
    .join(", ");
  return `| \`${id}\` | ${title.en} | ${source} | ${internetNl} | ${testssl} | ${controls} |`;
}

/** The subtests of Internet.nl by name, each with the checks that answer it. */
export function subtestTable(): string {
  const rows = SUBTESTS.map(({ category, id, name, checks, warn, isNotice, isNotRun, notLookedAt }) => {
    const points =
      isNotRun === true
        ? "not run for mail"
        : isNotice === true
          ? "notice"
          : checks.length === 0
            ? ""
            : `10 / ${warn} / 0`;
    const answered = checks.map((check) => `\`${check}\``).join(", ") || `not examined: ${notLookedAt?.en}`;
    return `| ${category} | ${id} | ${name} | ${answered} | ${points} |`;
  });
  return [
    "| category | row | Internet.nl's name | checks here | points: ok / warn / fail |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** The page with the tables in their places. */
export function pageWithTable(text: string): string {
  return between(between(text, "table", checkTable()), "subtests", subtestTable());
}

/** A page with a table in the place of the one it had. */
export function between(text: string, name: string, table: string): string {
  const [head = ""] = text.split(`<!-- ${name} -->\n`);
  return `${head}<!-- ${name} -->\n${table}${text.slice(text.indexOf(`<!-- /${name} -->`))}`;
}

export const doctorPage = (): string => readFileSync(DOC, "utf8");

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(DOC, pageWithTable(doctorPage()));
