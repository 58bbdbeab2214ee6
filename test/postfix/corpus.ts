import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CORPUS = fileURLToPath(new URL("../corpora/postfix", import.meta.url));

/** Every main.cf of the corpus, by its name below it. */
export function corpusFiles(): readonly { readonly name: string; readonly path: string }[] {
  return readdirSync(CORPUS, { recursive: true, encoding: "utf8" })
    .filter((name) => /main\.cf(\.example)?$/.test(name))
    .toSorted()
    .map((name) => ({ name, path: join(CORPUS, name) }));
}
