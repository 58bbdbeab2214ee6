import type { SpecialUse } from "../store/store.ts";
import { encodeUtf7 } from "../imap/mailbox-name.ts";
import type { ListedFolder } from "./folder-plan.ts";

/** Stands beside exported mail and says what directories and files cannot: names, uses, keywords without a letter. */
export const MAILBOXES_FILE = "wachpost-mailboxes.json";

export type ExportedMailbox = {
  /** Directory or file below the export. */
  readonly path: string;
  readonly name: string;
  readonly specialUse?: SpecialUse;
  readonly subscribed: boolean;
  /** By file name without flags. */
  readonly moreKeywords?: Readonly<Record<string, readonly string[]>>;
};

/** Undefined where it is not what an export wrote. */
export function parseExported(text: string): readonly ExportedMailbox[] | undefined {
  try {
    const { mailboxes } = JSON.parse(text) as { mailboxes?: unknown };
    if (!Array.isArray(mailboxes)) return undefined;
    const rows = mailboxes as readonly Partial<ExportedMailbox>[];
    return rows.filter(
      (row): row is ExportedMailbox => typeof row.path === "string" && typeof row.name === "string",
    );
  } catch {
    return undefined;
  }
}

export const formatExported = (mailboxes: readonly ExportedMailbox[]): string =>
  `${JSON.stringify({ mailboxes }, undefined, 2)}\n`;

/** As a server would list it. */
export const listedOf = ({ name, specialUse }: ExportedMailbox): ListedFolder => ({
  name: encodeUtf7(name),
  delimiter: "/",
  attributes: specialUse === undefined ? [] : [specialUse],
});
