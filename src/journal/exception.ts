import { parseIp } from "../base/ip.ts";
import type { Values } from "./words/fill.ts";
import type { Exception } from "./words/language.ts";

/** Exactly what a shell takes as one word and nothing else; what does not fit is never put into a command. */
const ADDRESS = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/;
const ID = /^[A-Za-z0-9]{1,64}$/;

/** The one command that makes an exception, to copy; undefined where the values do not fit into one. */
export function exceptionCommand(kind: Exception, values: Values): string | undefined {
  const client = values["client"];
  const address = (value: Values[string]): string | undefined =>
    typeof value === "string" && ADDRESS.test(value) ? value : undefined;
  const id = typeof values["id"] === "string" && ID.test(values["id"]) ? values["id"] : undefined;
  switch (kind) {
    case "client": {
      const ip = parseIp(typeof client === "string" ? client : "")?.text;
      return ip && `wachpost access add clients ${ip} OK --reason "…"`;
    }
    case "create-account": {
      const recipient = address(values["recipient"]);
      return recipient && `wachpost address add ${recipient} …`;
    }
    case "enable-account": {
      const recipient = address(values["recipient"]);
      return recipient && `wachpost account enable ${recipient}`;
    }
    case "app-password": {
      const login = address(values["login"]);
      return login && `wachpost account app-password add ${login} "…"`;
    }
    case "queue-flush":
      return id && `wachpost queue flush ${id}`;
  }
}
