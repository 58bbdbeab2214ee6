import { randomBytes } from "node:crypto";
import { unknown, type Finding } from "../finding.ts";
import type { CheckId } from "../checks.ts";
import { DOCTOR_LIMITS } from "../limits.ts";
import type { HostTarget, Net } from "../probe.ts";
import {
  clientHello,
  GOOD_GROUPS,
  SIGNATURES,
  ssl2ClientHello,
  VERSIONS,
  type HelloOffer,
} from "../wire/client-hello.ts";
import { parseServerFlight, type ServerHello } from "../wire/server-flight.ts";
import { STRONG_SUITES, WEAK_SUITES } from "../wire/suites.ts";
import { placeOf, readyForTls, whyNot } from "./open-tls.ts";
import { seenReason } from "../words/seen.ts";

/** What one ClientHello came to. */
export type Said =
  | ServerHello
  | { readonly kind: "ssl2" }
  /** `how`: an alert, or that the server hung up; only an alert is a no for certain. */
  | { readonly kind: "refused"; readonly how: string; readonly certain: boolean }
  | { readonly kind: "unknown"; readonly reason: string };

export const ALL_SUITES: readonly number[] = [...STRONG_SUITES, ...WEAK_SUITES].map(({ code }) => code);

/** Everything at TLS 1.2, as a large sender would; `change` says what is different. */
export const helloOf = (host: HostTarget, change: Partial<HelloOffer> = {}): HelloOffer => ({
  version: VERSIONS.tls12,
  suites: ALL_SUITES,
  groups: GOOD_GROUPS,
  signatures: SIGNATURES,
  serverName: host.name,
  ...change,
});

/** Connections of one probe; strangers get a pause between them. */
export class Knocking {
  readonly #host: HostTarget;
  readonly #net: Net;
  #visited = false;

  constructor(host: HostTarget, net: Net) {
    this.#host = host;
    this.#net = net;
  }

  hello(change: Partial<HelloOffer> = {}): Promise<Said> {
    return this.#send(clientHello(helloOf(this.#host, change), randomBytes(96)));
  }

  ssl2(): Promise<Said> {
    return this.#send(ssl2ClientHello(randomBytes(16)));
  }

  async #send(octets: Buffer): Promise<Said> {
    if (this.#visited && !this.#host.ours) await this.#net.clock.sleep(DOCTOR_LIMITS.pause_ms);
    this.#visited = true;
    const ready = await readyForTls(this.#host, this.#net);
    if (!ready.ok) return { kind: "unknown", reason: whyNot(ready.error) };
    using visit = ready.value;
    const { input, end } = await visit.exchange(octets, (so) => isEnough(so));
    const flight = parseServerFlight(input);
    switch (flight.kind) {
      case "hello":
        return flight;
      case "ssl2":
        return flight;
      case "alert":
        return { kind: "refused", how: flight.description, certain: true };
      case "not-tls":
        return { kind: "unknown", reason: "the answer is not TLS" };
      case "incomplete":
        return end === "closed" && input.length === 0
          ? { kind: "refused", how: "closed", certain: false }
          : { kind: "unknown", reason: end };
    }
  }
}

function isEnough(input: Buffer): boolean {
  const flight = parseServerFlight(input);
  return flight.kind === "hello" ? flight.complete : flight.kind !== "incomplete";
}

/** The checks that could not be made, with the reason. */
export const notLooked = (checks: readonly CheckId[], host: HostTarget, reason: string): readonly Finding[] =>
  checks.map((check) => unknown(check, placeOf(host), seenReason(reason), "not-looked", { reason }));
