/** Attacks on logins: what an answer or its time tells, and what SASL can be made to do. */
import { randomBytes, randomInt } from "node:crypto";
import { err, ok, type Result } from "../../../base/result.ts";
import { HUNG_UP, type Visit } from "../../probe.ts";
import { broken, held, lost, type At, type Attack, type LoggedIn, type Outcome } from "../contract.ts";
import { ATTACK_LIMITS } from "../limits.ts";
import {
  bare,
  codeOf,
  imap,
  Imap,
  lineFor,
  linesAfter,
  plainResponse,
  pop3,
  quoted,
  shownReply,
  submission,
} from "../talk.ts";

const LOGIN_DOORS = ["submissions", "submission", "imaps", "imap", "pop3s", "pop3"] as const;

/** Failed logins are counted against where they come from: on loopback each case has an address of its own. */
export function elsewhere<Place extends At>(at: Place): Place {
  const { from } = at.host;
  if (from === undefined || !from.startsWith("127.")) return at;
  return {
    ...at,
    host: { ...at.host, from: `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}` },
  };
}

type Session = {
  /** The answer to a login, without what is different each time. */
  readonly login: (name: string, password: string) => Promise<Result<string, string>>;
  readonly visit: Visit;
};

/** A session at any door that can say a password. */
function atDoor(at: At, work: (session: Session) => Promise<Outcome>): Promise<Outcome> {
  switch (at.host.service) {
    case "imap":
    case "imaps":
      return imap(at, (session) =>
        work({
          visit: session.visit,
          login: async (name, password) => {
            const { status, text } = await session.do(`LOGIN ${quoted(name)} ${quoted(password)}`);
            return status === "gone" || status === "mute" ? err(text) : ok(text.replace(/^\S+ /, ""));
          },
        }),
      );
    case "pop3":
    case "pop3s":
      return pop3(at, (visit) =>
        work({
          visit,
          login: async (name, password) => {
            const user = await lineFor(visit, `USER ${name}`);
            const pass = await lineFor(visit, `PASS ${password}`);
            if (!user.ok) return user;
            return pass.ok ? ok(`${user.value} ${pass.value}`) : pass;
          },
        }),
      );
    default:
      return submission(at, (visit) =>
        work({
          visit,
          login: async (name, password) => {
            const response = Buffer.from(`\0${name}\0${password}`).toString("base64");
            const answer = await visit.say(`AUTH PLAIN ${response}`);
            return answer.ok ? ok(shownReply(answer)) : answer;
          },
        }),
      );
  }
}

const aPassword = (): string => randomBytes(12).toString("hex");
const aName = ({ domain }: At): string => `nobody-${randomBytes(6).toString("hex")}@${domain}`;

const texts: Attack = {
  check: "login-texts",
  doors: LOGIN_DOORS,
  weight: "light",
  needs: "account",
  run: (at) =>
    atDoor(elsewhere(at), async ({ login }) => {
      const name = aName(at);
      const answers = [await login(at.account.login, aPassword()), await login(name, aPassword())] as const;
      if (!answers[0].ok) return lost(answers[0].error);
      if (!answers[1].ok) return lost(answers[1].error);
      const known = answers[0].value.replaceAll(at.account.login, "NAME");
      const unknown = answers[1].value.replaceAll(name, "NAME");
      if (/\b(?:OK|235)\b/.test(known.replace(/^\+OK [^-]*/, "")))
        return broken(`a wrong password: ${known}`);
      return known === unknown ? held(known) : broken(`${known} | ${unknown}`);
    }),
};

const timing: Attack = {
  check: "login-timing",
  doors: ["imaps", "submissions", "imap", "submission"],
  once: true,
  weight: "heavy",
  needs: "account",
  run: async (place) => {
    const at = elsewhere(place);
    const ready = await atDoor(at, async ({ login }) => {
      // The first good login may renew the hash; then it is as dear as the one for nobody.
      const answer = await login(at.account.login, at.account.password.reveal());
      const saw = answer.ok ? answer.value : answer.error;
      return /^(?:OK|235)/.test(saw) ? held(saw) : lost(`the login failed: ${saw}`);
    });
    return ready.kind === "held" ? measure(at) : ready;
  },
};

/** Medians of a few rounds, one of each kind in turn, so that what else the machine does meets both alike. */
async function measure(at: LoggedIn): Promise<Outcome> {
  const known_ms: number[] = [];
  const unknown_ms: number[] = [];
  for (let round = 0; round < ATTACK_LIMITS.timingRounds; round++) {
    const outcome = await atDoor(at, async ({ login }) => {
      const known = await timed(() => login(at.account.login, aPassword()));
      const unknown = await timed(() => login(aName(at), aPassword()));
      for (const { answer } of [known, unknown]) if (!answer.ok) return lost(answer.error);
      known_ms.push(known.took_ms);
      unknown_ms.push(unknown.took_ms);
      return held("");
    });
    if (outcome.kind !== "held") return outcome;
  }
  // The best of each: whatever else went on only made some slower.
  const [known, unknown] = [Math.min(...known_ms), Math.min(...unknown_ms)];
  const saw = `known ${known.toFixed(0)} ms, unknown ${unknown.toFixed(0)} ms`;
  const [less, more] = [Math.min(known, unknown), Math.max(known, unknown)];
  return more - less > ATTACK_LIMITS.timingNoise_ms && more > less * ATTACK_LIMITS.timingFactor
    ? broken(saw)
    : held(saw);
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly answer: T; readonly took_ms: number }> {
  const began_ms = performance.now();
  const answer = await work();
  return { answer, took_ms: performance.now() - began_ms };
}

/** No program is wrong so often in one session. */
const ATTEMPTS = 10;

const attempts: Attack = {
  check: "login-attempts",
  doors: LOGIN_DOORS,
  weight: "heavy",
  needs: "nothing",
  run: (at) =>
    atDoor(elsewhere(at), async ({ login }) => {
      for (let count = 1; count <= ATTEMPTS; count++) {
        const answer = await login(aName(at), aPassword());
        if (answer.ok && !/^421|BYE/i.test(answer.value)) continue;
        const saw = answer.ok ? answer.value : answer.error;
        return count > 1 && saw !== "no answer in time"
          ? held(`it hung up after ${count - 1} wrong logins`)
          : lost(saw);
      }
      return broken(`${ATTEMPTS} wrong logins in one session`);
    }),
};

const inClear: Attack = {
  check: "login-in-clear",
  doors: ["smtp", "submission", "imap", "pop3"],
  weight: "light",
  needs: "nothing",
  run: (place) => {
    const at = elsewhere(place);
    const name = aName(at);
    return bare(at, async (visit) => {
      if (at.host.service === "imap") {
        await visit.line();
        const { text, status } = await new Imap(visit).do(`LOGIN ${quoted(name)} ${aPassword()}`);
        if (status === "gone" || status === "mute") return lost(text);
        return /PRIVACYREQUIRED|BAD/.test(text) ? held(text) : broken(text);
      }
      if (at.host.service === "pop3") {
        await visit.line();
        const user = await lineFor(visit, `USER ${name}`);
        if (!user.ok) return lost(user.error);
        return user.value.startsWith("+OK") ? broken(user.value) : held(user.value);
      }
      await visit.reply();
      await visit.say("EHLO [127.0.0.1]");
      const answer = await visit.say(
        `AUTH PLAIN ${Buffer.from(`\0${name}\0${aPassword()}`).toString("base64")}`,
      );
      if (!answer.ok) return lost(answer.error);
      // 535 would mean that the password was looked at.
      return codeOf(answer) === 535 || codeOf(answer) < 400
        ? broken(shownReply(answer))
        : held(shownReply(answer));
    });
  },
};

/** Says the beginning of a SASL exchange in the words of the door; `undefined`: the server hung up. */
async function authenticate(at: At, visit: Visit, mechanism: string, initial: string): Promise<string> {
  const verb = { imap: "k1 AUTHENTICATE", imaps: "k1 AUTHENTICATE" }[at.host.service as string] ?? "AUTH";
  const answer = await lineFor(visit, `${verb} ${mechanism}${initial === "" ? "" : ` ${initial}`}`);
  return answer.ok ? answer.value : answer.error;
}

const doorVisit = (at: At, work: (visit: Visit) => Promise<Outcome>): Promise<Outcome> =>
  atDoor(at, ({ visit }) => work(visit));

const isRefusal = (answer: string): boolean => /^(?:[45]\d\d|\S+ (?:NO|BAD|BYE)|-ERR)|closed/i.test(answer);

const mechanisms: Attack = {
  check: "sasl-mechanisms",
  doors: LOGIN_DOORS,
  weight: "light",
  needs: "nothing",
  run: async (at) => {
    const seen = new Set<string>();
    for (const mechanism of ["EXTERNAL", "NTLM", "GSSAPI", "OTP", "ANONYMOUS", "CRAM-MD5"]) {
      const outcome = await doorVisit(at, async (visit) => {
        const answer = await authenticate(at, visit, mechanism, "");
        if (answer === HUNG_UP) return lost(answer);
        return isRefusal(answer) ? held(answer) : broken(`${mechanism}: ${answer}`);
      });
      if (outcome.kind !== "held") return outcome;
      seen.add(outcome.saw);
    }
    return held([...seen].join(" | "));
  },
};

const saslLength: Attack = {
  check: "sasl-length",
  doors: LOGIN_DOORS,
  weight: "light",
  needs: "nothing",
  run: (at) =>
    doorVisit(elsewhere(at), async (visit) => {
      const answer = await authenticate(at, visit, "PLAIN", "");
      if (!/^(?:334|\+)/.test(answer)) return lost(answer);
      // A login in good form, but for its length: who looks at it has read it all.
      const response = Buffer.from(`\0${aName(at)}\0${"x".repeat(150_000)}`).toString("base64");
      const { lines, closed } = await linesAfter(visit, `${response}\r\n`, 4_000);
      const [refusal = ""] = lines;
      if (/^535|AUTHENTICATIONFAILED|\[AUTH\]/.test(refusal)) return broken(refusal);
      return closed || isRefusal(refusal) ? held(refusal === "" ? "it hung up" : refusal) : lost(refusal);
    }),
};

/** The same login in ways of writing it that only a careless decoder takes. */
const LOOSE: readonly ((base64: string) => string)[] = [
  (base64) => base64.replace(/^(....)/, "$1\t"),
  (base64) => base64.replace(/^(....)/, "$1 "),
  (base64) => base64.replace(/=+$/, ""),
  (base64) => base64.replace(/.(=+)$/, "/$1"),
];

const saslBase64: Attack = {
  check: "sasl-base64",
  doors: LOGIN_DOORS,
  weight: "light",
  needs: "nothing",
  run: async (place) => {
    const at = elsewhere(place);
    const seen = new Set<string>();
    for (const loose of LOOSE) {
      const outcome = await doorVisit(at, async (visit) => {
        const begun = await authenticate(at, visit, "PLAIN", "");
        if (!/^(?:334|\+)/.test(begun)) return lost(begun);
        // As long that its base64 ends in padding.
        const response = Buffer.from(`\0${aName(at)}\0${aPassword()}`);
        const padded = Buffer.concat([response, Buffer.from("xx".slice(0, (4 - (response.length % 3)) % 3))]);
        const answer = await lineFor(visit, loose(padded.toString("base64")));
        const said = answer.ok ? answer.value : answer.error;
        if (/^535|AUTHENTICATIONFAILED|\[AUTH\]/.test(said)) return broken(said);
        return isRefusal(said) ? held(said) : lost(said);
      });
      if (outcome.kind !== "held") return outcome;
      seen.add(outcome.saw);
    }
    return held([...seen].join(" | "));
  },
};

const saslGarbage: Attack = {
  check: "sasl-garbage",
  doors: ["submissions", "submission"],
  weight: "light",
  needs: "account",
  run: (at) =>
    submission(at, async (victim) => {
      const begun = await victim.say("AUTH PLAIN");
      if (codeOf(begun) !== 334) return lost(shownReply(begun));
      const attack = await submission(elsewhere(at), async (visit) => {
        const answer = await visit.say("AUTH PLAIN !!!not=base64!!!");
        if (!answer.ok) return lost(answer.error);
        return codeOf(answer) === 501 || codeOf(answer) === 535
          ? held(shownReply(answer))
          : broken(shownReply(answer));
      });
      if (attack.kind !== "held") return attack;
      const answer = await victim.say(plainResponse(at.account));
      return codeOf(answer) === 235
        ? held(`${attack.saw}; the other: ${shownReply(answer)}`)
        : broken(shownReply(answer));
    }),
};

const authorization: Attack = {
  check: "sasl-authorization",
  doors: ["submissions", "submission"],
  weight: "light",
  needs: "account",
  run: (at) =>
    submission(elsewhere(at), async (visit) => {
      const { login, password } = at.account;
      const response = Buffer.from(`postmaster@${at.domain}\0${login}\0${password.reveal()}`).toString(
        "base64",
      );
      const answer = await visit.say(`AUTH PLAIN ${response}`);
      if (codeOf(answer) === 235) return broken(shownReply(answer));
      // 454 puts it off.
      return codeOf(answer) >= 500 ? held(shownReply(answer)) : lost(shownReply(answer));
    }),
};

/** Names that end a query, a filter, a path or a pattern elsewhere. */
const EVIL_NAMES = [
  "' OR '1'='1' --",
  "*)(uid=*))(|(uid=*",
  "../../../../etc/passwd",
  "%{user}%{if;x;eq;x;y;z}",
  "__proto__",
  "${run{/bin/id}}",
];

const loginNames: Attack = {
  check: "login-injection",
  doors: ["imaps", "submissions", "imap", "submission"],
  once: true,
  weight: "light",
  needs: "nothing",
  run: async (place) => {
    const at = elsewhere(place);
    let usual = "";
    const first = await atDoor(at, async ({ login }) => {
      const answer = await login(aName(at), aPassword());
      usual = answer.ok ? answer.value : "";
      return answer.ok ? held(usual) : lost(answer.error);
    });
    if (first.kind !== "held") return first;
    for (const name of EVIL_NAMES) {
      const outcome = await atDoor(at, async ({ login }) => {
        const answer = await login(name, aPassword());
        const saw = answer.ok ? answer.value : answer.error;
        return saw === usual ? held(saw) : broken(`${name}: ${saw} (else: ${usual})`);
      });
      if (outcome.kind !== "held") return outcome;
    }
    return held(`${EVIL_NAMES.length} names: ${usual}`);
  },
};

export const LOGIN_ATTACKS: readonly Attack[] = [
  texts,
  timing,
  inClear,
  mechanisms,
  saslLength,
  saslBase64,
  saslGarbage,
  authorization,
  loginNames,
  attempts,
];
