import type { Completion } from "./completion.ts";
import type { Cursor } from "./cursor.ts";
import type { Modes } from "./modes.ts";
import type { ImapSession } from "./session.ts";

/** RFC 9051 §3 */
export type State = "not-authenticated" | "authenticated" | "selected" | "logout";

/** What a command does once its arguments are understood and the state allows it. */
export type Action = (session: ImapSession) => Promise<Completion>;

/** A command: when it may be said, how its arguments read, what it does. One file each in `commands/`. */
export type Command = {
  readonly states: readonly State[];
  /** FETCH, STORE and SEARCH without UID: no EXPUNGE may be sent while they run (RFC 9051 §7.5.1). */
  readonly keepsNumbers?: boolean;
  /** Reads the arguments to the end of the line; what was wrong is in the cursor. */
  parse(cursor: Cursor, modes: Modes): Action;
};

export const ANY: readonly State[] = ["not-authenticated", "authenticated", "selected"];
export const LOGGED_IN: readonly State[] = ["authenticated", "selected"];
export const SELECTED: readonly State[] = ["selected"];
export const BEFORE_LOGIN: readonly State[] = ["not-authenticated"];

/** A command without arguments. */
export function plain(states: readonly State[], action: Action): Command {
  return {
    states,
    parse(cursor) {
      cursor.end();
      return action;
    },
  };
}
