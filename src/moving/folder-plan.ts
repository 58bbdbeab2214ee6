import { asciiLower } from "../base/ascii.ts";
import { DEFAULT_MAILBOXES } from "../base/default-mailboxes.ts";
import { decodeUtf7 } from "../imap/mailbox-name.ts";
import { checkNewName } from "../mailbox/mailbox-name.ts";
import type { SpecialUse } from "../store/store.ts";
import type { Skipped, SourceFolder } from "./source.ts";

/** A folder as LIST shows it, name in modified UTF-7 as on the wire. */
export type ListedFolder = {
  readonly name: string;
  readonly delimiter: string | undefined;
  readonly attributes: readonly string[];
};
export type FolderChoice = {
  /** `SOURCE=TARGET`, both as people write them; an empty target leaves the folder out. */
  readonly map: ReadonlyMap<string, string>;
  /** Prefix of the user's own folders, e.g. `INBOX.`; others' lie elsewhere. */
  readonly prefix: string;
  /** Prefixes of what belongs to others or to all. */
  readonly foreign: readonly string[];
  readonly subscribed: ReadonlySet<string>;
};
export type FolderPlan = { readonly folders: readonly SourceFolder[]; readonly skipped: readonly Skipped[] };

const USES: ReadonlySet<string> = new Set(["\\sent", "\\drafts", "\\junk", "\\trash", "\\archive"]);
/** What programs call these folders where the server does not say what they are for. */
const USUAL_NAMES: ReadonlyMap<string, SpecialUse> = new Map(
  (
    [
      ["\\Sent", "sent|sent items|sent messages|sent mail|gesendet|gesendete objekte|gesendete elemente"],
      ["\\Drafts", "drafts|draft|entwürfe|entwurf"],
      ["\\Junk", "junk|spam|junk e-mail|junk email|bulk mail|junk-e-mail|spamverdacht"],
      ["\\Trash", "trash|deleted items|deleted messages|papierkorb|gelöschte objekte|gelöschte elemente|bin"],
      ["\\Archive", "archive|archives|archiv"],
    ] as const
  ).flatMap(([use, names]) => names.split("|").map((name) => [name, use] as const)),
);

/** Which mailbox each folder of another server becomes, and which stay behind. RFC 6154, RFC 2342 */
export function planFolders(listed: readonly ListedFolder[], choice: FolderChoice): FolderPlan {
  const folders: SourceFolder[] = [];
  const skipped: Skipped[] = [];
  const said = new Set(
    listed.flatMap(({ attributes }) => attributes.map(asciiLower)).filter((a) => USES.has(a)),
  );
  for (const folder of listed) {
    const shown = decodeUtf7(folder.name) ?? folder.name;
    const why = reasonToSkip(folder, shown, choice);
    const use = why === undefined ? useOf(folder, shown, said, choice) : undefined;
    const target = why ?? targetOf(folder, shown, use, choice);
    if (typeof target === "object")
      folders.push({
        id: folder.name,
        target: target.name,
        subscribed: choice.subscribed.has(folder.name) || use !== undefined || target.name === "INBOX",
        ...(use === undefined ? {} : { specialUse: use }),
      });
    else skipped.push({ name: shown, why: target });
  }
  return { folders, skipped };
}

function reasonToSkip(
  folder: ListedFolder,
  shown: string,
  { map, foreign }: FolderChoice,
): string | undefined {
  const wanted = map.get(shown);
  if (wanted === "") return "left out as asked";
  if (/[\r\n\0]/.test(folder.name)) return "its name is none";
  if (wanted !== undefined) return undefined;
  const has = (name: string): boolean =>
    folder.attributes.some((attribute) => asciiLower(attribute) === name);
  if (has("\\noselect") || has("\\nonexistent")) return "holds no messages";
  if (has("\\all") || has("\\flagged") || has("\\important"))
    return "shows messages of other folders once more";
  if (foreign.some((prefix) => prefix !== "" && folder.name.startsWith(prefix))) return "belongs to others";
  return undefined;
}

/** What the server says counts; names only where it says nothing of this use. */
function useOf(
  folder: ListedFolder,
  shown: string,
  said: ReadonlySet<string>,
  choice: FolderChoice,
): SpecialUse | undefined {
  if (choice.map.has(shown)) return undefined;
  const attribute = folder.attributes.map(asciiLower).find((name) => USES.has(name));
  if (attribute !== undefined)
    return DEFAULT_MAILBOXES.map((row) => ("specialUse" in row ? row.specialUse : undefined)).find(
      (use) => use !== undefined && asciiLower(use) === attribute,
    );
  const use = USUAL_NAMES.get(withoutPrefix(shown, choice.prefix).toLowerCase());
  return use === undefined || said.has(asciiLower(use)) ? undefined : use;
}

const withoutPrefix = (name: string, prefix: string): string => {
  const shown = decodeUtf7(prefix) ?? prefix;
  return shown !== "" && name.startsWith(shown) && name !== shown ? name.slice(shown.length) : name;
};

function targetOf(
  folder: ListedFolder,
  shown: string,
  use: SpecialUse | undefined,
  { map, prefix }: FolderChoice,
): { readonly name: string } | string {
  const wanted = map.get(shown);
  const usual = DEFAULT_MAILBOXES.find((row) => "specialUse" in row && row.specialUse === use)?.name;
  const name =
    wanted ?? (use === undefined ? undefined : usual) ?? ourSpelling(withoutPrefix(shown, prefix), folder);
  const checked = checkNewName(name);
  return checked.ok
    ? { name: checked.value }
    : `its name cannot be used here (${checked.error.text}); name one with --map`;
}

/** Levels are separated by `/` here; a `/` inside a name, and what no name may hold, become `-`. */
function ourSpelling(name: string, { delimiter }: ListedFolder): string {
  const levels = delimiter === undefined || delimiter === "" ? [name] : name.split(delimiter);
  return levels
    .map((level) => level.replace(/[/\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g, "-"))
    .filter((level) => level !== "")
    .map((level) => (level === "." || level === ".." ? "-" : level))
    .join("/");
}
