import { parseIp } from "../base/ip.ts";
import type { Step } from "./record.ts";
import type { Values } from "./words/fill.ts";
import type { Exception } from "./words/language.ts";

/** Exactly what a shell takes as one word and nothing else; what does not fit is never put into a command. */
const ADDRESS = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/;
const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/;
const ID = /^[A-Za-z0-9]{1,64}$/;
/** An address of a machine or a network. */
const NETWORK = /^[0-9a-f.:]{2,45}(\/[0-9]{1,3})?$/;
const TABLE_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const STORED_TABLE = /^table:([A-Za-z0-9_-]{1,64})$/;

/** The one command that changes the outcome next time, to copy; undefined where there is none, or a value does not fit into one. */
export function exceptionCommand(
  kind: Exception,
  values: Values,
  steps: readonly Step[] = [],
  decided?: Step,
): string | undefined {
  const textOf = (name: string, pattern: RegExp): string | undefined => {
    const value = values[name];
    return typeof value === "string" && pattern.test(value) ? value : undefined;
  };
  switch (kind) {
    case "table":
      return decided && tableCommand(values, steps.slice(0, steps.indexOf(decided)), decided);
    case "link": {
      const host = textOf("host", HOST_NAME);
      return host && `wachpost access add links ${host} OK --reason "…"`;
    }
    case "create-account": {
      const recipient = textOf("recipient", ADDRESS);
      return recipient && `wachpost address add ${recipient} …`;
    }
    case "enable-account": {
      const recipient = textOf("recipient", ADDRESS);
      return recipient && `wachpost account enable ${recipient}`;
    }
    case "raise-quota": {
      const recipient = textOf("recipient", ADDRESS);
      return recipient && `wachpost account quota ${recipient} …`;
    }
    case "app-password": {
      const login = textOf("login", ADDRESS);
      return login && `wachpost account app-password add ${login} "…"`;
    }
    case "own-entry": {
      const name = textOf("table", TABLE_NAME);
      const key = textOf("key", NETWORK) ?? textOf("key", ADDRESS) ?? textOf("key", HOST_NAME);
      return name && key && `wachpost access remove ${name} ${key}`;
    }
    case "lift-ban": {
      const network = textOf("network", NETWORK);
      return network && `wachpost access remove bans ${network}`;
    }
    case "spare-client": {
      const client = textOf("client", NETWORK);
      return client && `wachpost allow ${client} --reason "…"`;
    }
    case "queue-flush": {
      const id = textOf("id", ID);
      return id && `wachpost queue flush ${id}`;
    }
  }
}

/** What `wachpost allow` writes to. */
const OF_FRESH_SERVER: Readonly<Record<string, string>> = {
  clients: "check_client_access",
  helos: "check_helo_access",
};

/**
 * An entry in a table that was asked before the deciding rule, in the same list, would have ended that list. Only the
 * address of the client and his HELO name are offered: a sender is easily forged, a recipient is everybody's.
 */
function tableCommand(values: Values, before: readonly Step[], decided: Step): string | undefined {
  const { client, helo } = values;
  const keys: Readonly<Record<string, string | undefined>> = {
    check_client_access: typeof client === "string" ? parseIp(client)?.text : undefined,
    check_helo_access: typeof helo === "string" && HOST_NAME.test(helo) ? helo : undefined,
  };
  for (const { stage, rule, verdict } of before) {
    const [check = "", argument = ""] = rule.split(" ");
    const table = STORED_TABLE.exec(argument)?.[1];
    const key = keys[check];
    if (stage !== decided.stage || verdict !== "dunno" || table === undefined || key === undefined) continue;
    return check === OF_FRESH_SERVER[table]
      ? `wachpost allow ${key}${table === "helos" ? " --helo" : ""} --reason "…"`
      : `wachpost access add ${table} ${key} OK --reason "…"`;
  }
  return undefined;
}
