/** Writes `docs/settings.md` from the schema of the configuration: `node tools/reference.ts`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { configSchema } from "../src/config/schema.ts";

const FILE = join(resolve(fileURLToPath(import.meta.url), "../.."), "docs/settings.md");

const HEAD = `# Settings

Every setting of \`wachpost.toml\`, made from \`src/config/schema.ts\` by \`npm run reference\`. \`wachpost check FILE\`
tells what is wrong with a file, with the line and the likely key. What may not be lowered is not a setting.

`;

type Inner = { readonly schema: z.ZodType; readonly standard: unknown; readonly optional: boolean };

/** The type below defaults and optionals, with what they say. */
function inner(schema: z.ZodType): Inner {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return { ...inner(schema.unwrap() as z.ZodType), standard: schema.def.defaultValue };
  if (schema instanceof z.ZodOptional) return { ...inner(schema.unwrap() as z.ZodType), optional: true };
  return { schema, standard: undefined, optional: false };
}

function typeText(schema: z.ZodType): string {
  if (schema instanceof z.ZodBoolean) return "`true` or `false`";
  if (schema instanceof z.ZodEnum) return schema.options.map((option) => `\`"${option}"\``).join(", ");
  if (schema instanceof z.ZodArray) return `list of ${typeText(inner(schema.element as z.ZodType).schema)}`;
  if (schema instanceof z.ZodObject) return "tables";
  if (schema instanceof z.ZodNumber) return boundsText(schema);
  if (schema instanceof z.ZodUnion)
    return schema.options.map((option) => typeText(option as z.ZodType)).join(" or ");
  return "text";
}

function boundsText({ minValue, maxValue }: z.ZodNumber): string {
  const usual = (value: number | null): boolean =>
    value === null || Math.abs(value) >= Number.MAX_SAFE_INTEGER;
  const low = usual(minValue) ? "" : ` from ${String(minValue)}`;
  const high = usual(maxValue) ? "" : ` to ${String(maxValue)}`;
  return `whole number${low}${high}`;
}

function defaultText({ standard, optional }: Inner): string {
  if (standard === undefined) return optional ? "-" : "**required**";
  return `\`${JSON.stringify(standard)}\``;
}

function section(path: readonly string[], schema: z.ZodObject, prose: string | undefined): string {
  const values: string[] = [];
  const sections: string[] = [];
  for (const [name, field] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
    const found = inner(field);
    const words = field.description ?? found.schema.description ?? "";
    if (found.schema instanceof z.ZodObject) sections.push(section([...path, name], found.schema, words));
    else values.push(`| \`${name}\` | ${typeText(found.schema)} | ${defaultText(found)} | ${words} |`);
    if (found.schema instanceof z.ZodArray && found.schema.element instanceof z.ZodObject)
      sections.push(
        section(
          [...path, `${name}[]`],
          found.schema.element,
          `One table per entry: \`[[${[...path, name].join(".")}]]\`.`,
        ),
      );
  }
  const title = path.length === 0 ? "## At the top" : `## [${path.join(".")}]`;
  const table =
    values.length === 0 ? "" : `\n| key | value | default | |\n|---|---|---|---|\n${values.join("\n")}\n`;
  return [`${title}\n${prose === undefined ? "" : `\n${prose}\n`}${table}`, ...sections].join("\n");
}

/** The whole page. */
export const settingsPage = (): string => HEAD + section([], configSchema, undefined);

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, settingsPage());

/** The page as it lies in `docs/`. */
export const committedPage = (): string => readFileSync(FILE, "utf8");
