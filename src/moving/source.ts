import type { Result } from "../base/result.ts";
import type { Flags, SpecialUse } from "../store/store.ts";

/** Where mail comes from: a server, a Maildir, a file. What is read is offered folder by folder, message by message. */
export interface Source extends AsyncDisposable {
  /** For people and for the record of what was done: `imap.example.net, anna`. */
  readonly name: string;
  /** Whether sizes are those of the messages; files on disk have other line ends. */
  readonly announcesSizes: boolean;
  /** Folders left out, and why. */
  readonly skipped: readonly Skipped[];
  readonly folders: readonly SourceFolder[];
  /** Begins a folder: all that is in it now; or why it cannot be opened, which stops nothing else. */
  open(folder: SourceFolder): Promise<Result<OpenedFolder, string>>;
  /** Messages of the folder begun last; what has gone meanwhile is left out. */
  fetch(entries: readonly SourceEntry[]): Promise<readonly SourceMessage[]>;
}

export type Skipped = { readonly name: string; readonly why: string };

export type SourceFolder = {
  /** As the source writes it; what was done is recorded under it. */
  readonly id: string;
  /** The mailbox here. */
  readonly target: string;
  readonly specialUse?: SpecialUse;
  readonly subscribed: boolean;
};

export type OpenedFolder = {
  /** Keys of another validity mean other messages. */
  readonly validity: string;
  readonly entries: readonly SourceEntry[];
};
/** `key`: the same message has the same key at the next visit. `size_octets`: what the source says. */
export type SourceEntry = { readonly key: string; readonly size_octets: number };

export type SourceMessage = {
  readonly key: string;
  readonly octets: Buffer;
  readonly flags: Flags;
  readonly internalDate_ms: number;
};
