import { err, ok, type Result } from "../../base/result.ts";
import type { Sources } from "../sources.ts";
import { parseTableReference, type TableReference } from "./table-reference.ts";

/** The text of a table that has one, or why there is none to read. */
export function textOfTable(reference: TableReference, sources: Sources): Result<string, string> {
  switch (reference.kind) {
    case "inline":
      return ok(reference.text);
    case "text": {
      const text = sources.read(reference.path);
      return text === undefined ? err(`${reference.path} is not among the files`) : ok(text);
    }
    case "static":
      return err("static: answers everything alike");
    case "combined":
      return err(`${reference.type}: joins tables; name them one by one`);
    case "external":
      return err(`${reference.type}: is no text file; export its rows to one`);
  }
}

/** The tables of a `*_maps` setting; a word without a type is a file to Postfix, but no table. */
export function tablesOf(words: readonly { readonly text: string; readonly line: number }[]): readonly {
  readonly written: string;
  readonly line: number;
  readonly reference: TableReference;
}[] {
  return words.flatMap(({ text, line }) => {
    const reference = parseTableReference(text);
    if (reference === undefined) return [];
    const members =
      reference.kind === "combined" && reference.type === "unionmap" ? reference.members : [reference];
    return members.map((member) => ({ written: text, line, reference: member }));
  });
}
