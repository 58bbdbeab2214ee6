import { LOGGED_IN, type Command } from "../command.ts";
import { done } from "../completion.ts";

const KNOWN: ReadonlySet<string> = new Set(["IMAP4REV2", "UTF8=ACCEPT", "CONDSTORE"]);

/** ENABLE. RFC 5161, 9051 §6.3.1 */
export const enable: Command = {
  states: LOGGED_IN,
  parse(cursor) {
    const wanted: string[] = [];
    do {
      cursor.space();
      wanted.push(cursor.atom().toUpperCase());
    } while (!cursor.failed && !cursor.atEnd);
    return async (session) => {
      const enabled = [...new Set(wanted)].filter((name) => KNOWN.has(name));
      const { modes } = session;
      session.modes = {
        utf8: modes.utf8 || enabled.includes("UTF8=ACCEPT") || enabled.includes("IMAP4REV2"),
        rev2: modes.rev2 || enabled.includes("IMAP4REV2"),
        condstore: modes.condstore || enabled.includes("CONDSTORE"),
      };
      session.untagged(
        ["ENABLED", ...enabled.map((name) => (name === "IMAP4REV2" ? "IMAP4rev2" : name))].join(" "),
      );
      return done("Done");
    };
  },
};
