import { randomBytes } from "node:crypto";
import { err, ok, type Result } from "../base/result.ts";
import { scramClient } from "../sasl/scram-client.ts";
import type { ClientDialog } from "./client-dialog.ts";
import type { RemoteFailure, RemoteOptions } from "./remote.ts";
import type { Reply } from "./reply.ts";

type Login = NonNullable<RemoteOptions["login"]>;
type Outcome = Result<Reply, RemoteFailure>;

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");
const fromBase64 = (text: string): string => Buffer.from(text, "base64").toString("utf8");

/** Logs in with the best mechanism both know: SCRAM-SHA-256, PLAIN, LOGIN. Only ever called inside TLS. RFC 4954 */
export async function login(
  dialog: ClientDialog,
  offered: string,
  credentials: Login,
): Promise<Result<void, RemoteFailure>> {
  const mechanisms = new Set(offered.toUpperCase().split(" "));
  const outcome = mechanisms.has("SCRAM-SHA-256")
    ? await scram(dialog, credentials)
    : mechanisms.has("PLAIN")
      ? await dialog.ask(`AUTH PLAIN ${base64(`\0${credentials.user}\0${credentials.password.reveal()}`)}`)
      : mechanisms.has("LOGIN")
        ? await questions(dialog, credentials)
        : undefined;
  if (outcome === undefined) return failed(`none of its mechanisms is ours: ${offered}`);
  if (!outcome.ok) return outcome;
  const { code, lines } = outcome.value;
  return code === 235 ? ok(undefined) : failed(`${code} ${lines.join(" ")}`, outcome.value);
}

/** A wrong password here is the operator's to mend: mail waits meanwhile. */
function failed(detail: string, reply?: Reply): Result<never, RemoteFailure> {
  return err({
    kind: "login",
    detail: `login refused: ${detail}`,
    temporary: true,
    ambiguous: false,
    ...(reply ? { reply } : {}),
  });
}

async function questions(dialog: ClientDialog, { user, password }: Login): Promise<Outcome> {
  let outcome = await dialog.ask("AUTH LOGIN");
  for (const answer of [user, password.reveal()]) {
    if (!outcome.ok || outcome.value.code !== 334) return outcome;
    outcome = await dialog.ask(base64(answer));
  }
  return outcome;
}

async function scram(dialog: ClientDialog, { user, password }: Login): Promise<Outcome> {
  const client = scramClient(user, password.reveal(), randomBytes(18).toString("base64"));
  const first = await dialog.ask(`AUTH SCRAM-SHA-256 ${base64(client.first)}`);
  if (!first.ok || first.value.code !== 334) return first;
  const final = await client.final(fromBase64(first.value.lines[0] ?? ""));
  if (final === undefined) return failed("its SCRAM challenge is not valid");
  const last = await dialog.ask(base64(final));
  if (!last.ok || last.value.code !== 334) return last;
  if (!client.verify(fromBase64(last.value.lines[0] ?? "")))
    return failed("it does not know the password itself");
  return dialog.ask("");
}
