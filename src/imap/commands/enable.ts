import { LOGGED_IN, type Command } from "../command.ts";
import { done } from "../completion.ts";
import type { ImapSession } from "../session.ts";

const KNOWN: ReadonlySet<string> = new Set(["IMAP4REV2", "UTF8=ACCEPT", "CONDSTORE", "QRESYNC"]);

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
      session.untagged(
        ["ENABLED", ...enabled.map((name) => (name === "IMAP4REV2" ? "IMAP4rev2" : name))].join(" "),
      );
      for (const name of enabled) switchOn(session, name);
      return done("Done");
    };
  },
};

function switchOn(session: ImapSession, name: string): void {
  if (name === "IMAP4REV2") session.enable({ rev2: true, utf8: true });
  else if (name === "UTF8=ACCEPT") session.enable({ utf8: true });
  else {
    session.enableCondstore();
    if (name === "QRESYNC") session.enable({ qresync: true });
  }
}
