import type { Config } from "./schema.ts";

/** A setting that has another value; absent: it has none. Values as they would stand in the file, secrets never. */
export type Difference = { readonly name: string; readonly before?: string; readonly now?: string };

/** Who knows these addresses may read what is told there, or say in our name that all is well. */
const SECRET: readonly string[] = ["alerts.webhook", "alerts.ping"];
const HIDDEN = "(secret)";

/** Every setting in which two configurations differ, by name and in the order of the schema. */
export function differencesOf(before: Config, now: Config): readonly Difference[] {
  const [old, fresh] = [flat(before), flat(now)];
  const names = [...new Set([...fresh.keys(), ...old.keys()])];
  return names.flatMap((name): readonly Difference[] => {
    const [one, other] = [old.get(name), fresh.get(name)];
    if (one === other) return [];
    const shown = (text: string): string => (SECRET.includes(name) ? HIDDEN : text);
    return [
      {
        name,
        ...(one === undefined ? {} : { before: shown(one) }),
        ...(other === undefined ? {} : { now: shown(other) }),
      },
    ];
  });
}

/** `limits.connections` to `2000`; lists are one value, tables of a list are numbered. */
function flat(config: Config): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const walk = (value: unknown, name: string): void => {
    if (value === undefined) return;
    if (Array.isArray(value) && value.some((one) => typeof one === "object"))
      value.forEach((one, i) => walk(one, `${name}[${i + 1}]`));
    else if (typeof value === "object" && value !== null && !Array.isArray(value))
      for (const [key, inner] of Object.entries(value)) walk(inner, name === "" ? key : `${name}.${key}`);
    else found.set(name, typeof value === "string" && value.includes("\n") ? value : JSON.stringify(value));
  };
  walk(config, "");
  return found;
}
