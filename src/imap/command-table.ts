import type { Command } from "./command.ts";
import { append } from "./commands/append.ts";
import { authenticate } from "./commands/authenticate.ts";
import { capability } from "./commands/capability.ts";
import { close, unselect } from "./commands/close.ts";
import { copy, move } from "./commands/copy.ts";
import { create } from "./commands/create.ts";
import { deleteMailbox } from "./commands/delete.ts";
import { enable } from "./commands/enable.ts";
import { expunge, uidExpunge } from "./commands/expunge.ts";
import { fetch } from "./commands/fetch.ts";
import { id } from "./commands/id.ts";
import { idle } from "./commands/idle.ts";
import { list, lsub } from "./commands/list.ts";
import { login } from "./commands/login.ts";
import { logout } from "./commands/logout.ts";
import { namespace } from "./commands/namespace.ts";
import { check, noop } from "./commands/noop.ts";
import { getQuota, getQuotaRoot } from "./commands/quota.ts";
import { rename } from "./commands/rename.ts";
import { search } from "./commands/search.ts";
import { examine, select } from "./commands/select.ts";
import { starttls } from "./commands/starttls.ts";
import { status } from "./commands/status.ts";
import { store } from "./commands/store.ts";
import { subscribe, unsubscribe } from "./commands/subscribe.ts";
import type { Cursor } from "./cursor.ts";

/** Every command there is; a new one is one more line here and one more file. */
const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ["CAPABILITY", capability],
  ["NOOP", noop],
  ["CHECK", check],
  ["LOGOUT", logout],
  ["ID", id],
  ["STARTTLS", starttls],
  ["LOGIN", login],
  ["AUTHENTICATE", authenticate],
  ["ENABLE", enable],
  ["NAMESPACE", namespace],
  ["SELECT", select],
  ["EXAMINE", examine],
  ["CREATE", create],
  ["DELETE", deleteMailbox],
  ["RENAME", rename],
  ["SUBSCRIBE", subscribe],
  ["UNSUBSCRIBE", unsubscribe],
  ["LIST", list],
  ["LSUB", lsub],
  ["STATUS", status],
  ["APPEND", append],
  ["IDLE", idle],
  ["GETQUOTA", getQuota],
  ["GETQUOTAROOT", getQuotaRoot],
  ["CLOSE", close],
  ["UNSELECT", unselect],
  ["EXPUNGE", expunge],
  ["SEARCH", search(false)],
  ["FETCH", fetch(false)],
  ["STORE", store(false)],
  ["COPY", copy(false)],
  ["MOVE", move(false)],
  ["UID EXPUNGE", uidExpunge],
  ["UID SEARCH", search(true)],
  ["UID FETCH", fetch(true)],
  ["UID STORE", store(true)],
  ["UID COPY", copy(true)],
  ["UID MOVE", move(true)],
]);

export type NamedCommand = { readonly name: string; readonly command: Command };

/** The command of a name; `UID` takes its second word from the arguments. */
export function commandNamed(name: string, cursor: Cursor): NamedCommand | undefined {
  const full = name === "UID" ? `UID ${uidWord(cursor)}` : name;
  const command = COMMANDS.get(full);
  return command && { name: full, command };
}

function uidWord(cursor: Cursor): string {
  cursor.space();
  return cursor.atom().toUpperCase();
}
