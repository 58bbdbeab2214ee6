import type { Clock } from "../base/clock.ts";
import type { Dns } from "../dns/answer.ts";
import type { TableReads } from "../store/store.ts";
import type { World } from "./ask.ts";
import { CORRESPONDENTS_TABLE, type Correspondents } from "./correspondents.ts";
import { GREYLIST_TABLE, type Greylist } from "./greylist.ts";
import { StoredTables } from "./stored-tables.ts";
import type { ZoneBook } from "./zone-health.ts";

/** What rules ask in a server: the DNS, the tables of the store, which lists are alive. */
export function liveWorld(
  dns: Dns,
  tables: TableReads,
  zones: ZoneBook,
  clock: Clock,
  memory?: { readonly greylist: Greylist; readonly correspondents: Correspondents },
): World {
  const stored = new StoredTables({ tables, clock });
  return {
    dns,
    lookUp: (table, search) => stored.lookUp(table, search),
    listState: (zone) => zones.state(zone),
    // Who only tries rules out leaves no trace: every client is there for the first time.
    async count(name) {
      const [kind = "", ...rest] = name.split(" ");
      if (kind === CORRESPONDENTS_TABLE)
        return (await memory?.correspondents.isKnown(rest.join(" "))) ? 1 : 0;
      return kind === GREYLIST_TABLE ? ((await memory?.greylist.since_s(name)) ?? 0) : 0;
    },
    now: () => clock.now(),
  };
}
