import { tellWhy } from "./explain-judgement.ts";
import type { JournalRecord } from "./record.ts";
import type { Teller } from "./teller.ts";
import type { SentenceKey } from "./words/sentences.ts";

type Login = Extract<JournalRecord, { readonly kind: "login" }>;

const OUTCOMES = {
  ok: "loginOk",
  wrong: "loginWrong",
  throttled: "loginThrottled",
  disabled: "loginDisabled",
  expired: "loginExpired",
} as const satisfies Record<Login["outcome"], SentenceKey>;

/** Constants of the catalogue that explain an outcome. */
const REASONS: Readonly<Record<Login["outcome"], string | undefined>> = {
  ok: undefined,
  wrong: undefined,
  throttled: "login-throttled",
  disabled: undefined,
  expired: "login-expired",
};

/** Logins, oldest first; the same again and again is told once, with a number. */
export function tellLogins(teller: Teller, logins: readonly Login[]): string[] {
  const runs: Login[][] = [];
  for (const login of logins) {
    const run = runs.at(-1);
    if (run?.[0] !== undefined && isSame(run[0], login)) run.push(login);
    else runs.push([login]);
  }
  return runs.flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { at_ms, login, clientAddress: client, protocol, outcome } = first;
    const last = others.at(-1);
    const reason = REASONS[outcome];
    return [
      teller.say(OUTCOMES[outcome], { time: teller.time(at_ms), login, client, protocol }),
      ...(last === undefined
        ? []
        : [`  ${teller.say("repeated", { count: others.length, time: teller.time(last.at_ms) })}`]),
      ...(reason === undefined ? [] : tellWhy(teller, reason, { login, client })),
    ];
  });
}

const isSame = (a: Login, b: Login): boolean =>
  a.login === b.login &&
  a.clientAddress === b.clientAddress &&
  a.protocol === b.protocol &&
  a.outcome === b.outcome;
