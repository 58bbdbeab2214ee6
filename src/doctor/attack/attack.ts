import { randomBytes } from "node:crypto";
import { CHECKS, type CheckId } from "../checks.ts";
import { failure, fine, unknown, type Finding } from "../finding.ts";
import type { HostTarget, Net, Probe } from "../probe.ts";
import { runProbe } from "../examine.ts";
import { placeOf } from "../probes/open-tls.ts";
import { attackNote } from "../words/attack-notes.ts";
import { Bystander } from "./bystander.ts";
import { Budget, type Cost } from "./budget.ts";
import { ATTACKS, VISITS } from "./cases.ts";
import type { At, Attack, AttackTarget, Outcome, Visits } from "./contract.ts";
import { ATTACK_LIMITS } from "./limits.ts";
import { seenReason } from "../words/seen.ts";

export type AttackOptions = {
  readonly budget?: Partial<Cost>;
  /** Leaves out what is heavy or slow: some ten seconds, for every day. */
  readonly light?: boolean;
  /** Only these checks. */
  readonly only?: readonly CheckId[];
  readonly progress?: (what: string) => void;
};

export type AttackReport = {
  /** In the order of the checks, as every examination of the doctor. */
  readonly findings: readonly Finding[];
  readonly spent: Cost;
  readonly budget: Cost;
  /** The longest that somebody else waited for the server's greeting meanwhile. */
  readonly longestWait_ms: number;
};

/** A bound for everything, whatever the caller says about it. */
const WHOLE_BUDGET: Cost = {
  connections: ATTACK_LIMITS.connectionsMax,
  octets: ATTACK_LIMITS.octetsMax,
  duration_ms: ATTACK_LIMITS.duration_ms,
};

/**
 * Attacks our own server, or one whose owner asked for it, at every door that is open. It stays within its budget, comes
 * from addresses of this machine that are never banned, and leaves nothing behind but refusals in the journal.
 */
export async function attack(
  target: AttackTarget,
  net: Net,
  options: AttackOptions = {},
): Promise<AttackReport> {
  const limit = { ...WHOLE_BUDGET, ...options.budget };
  const budget = new Budget(limit, () => net.clock.now());
  await using bystander = new Bystander(target, net);
  const attacking = new Attacking(target, budget.over(net), bystander, options);
  const findings = await attacking.run();
  return {
    findings: inOrder(findings),
    spent: budget.spent,
    budget: limit,
    longestWait_ms: bystander.longest_ms,
  };
}

class Attacking {
  readonly #target: AttackTarget;
  readonly #net: Net;
  readonly #bystander: Bystander;
  readonly #options: AttackOptions;
  readonly #token = `wa${randomBytes(6).toString("hex")}`;

  constructor(target: AttackTarget, net: Net, bystander: Bystander, options: AttackOptions) {
    this.#target = target;
    this.#net = net;
    this.#bystander = bystander;
    this.#options = options;
  }

  /** Slow ones wait in the background; everything else comes one after the other. */
  async run(): Promise<readonly Finding[]> {
    const { light = false } = this.#options;
    const wanted = ATTACKS.filter(
      ({ check, weight }) => this.#isWanted(check) && !(light && weight !== "light"),
    );
    const slow = wanted.filter(({ weight }) => weight === "slow").map((one) => this.#everywhere(one));
    const findings: Finding[] = [];
    for (const one of VISITS) findings.push(...(await this.#visits(one)));
    for (const one of wanted.filter(({ weight }) => weight !== "slow"))
      findings.push(...(await this.#everywhere(one)));
    this.#progress("slow senders");
    return [...findings, ...(await Promise.all(slow)).flat()];
  }

  #isWanted(check: CheckId): boolean {
    return this.#options.only?.includes(check) ?? true;
  }

  #progress(what: string): void {
    this.#options.progress?.(what);
  }

  #doorsOf({ doors, once }: Pick<Attack | Visits, "doors" | "once">): readonly HostTarget[] {
    const open = doors.flatMap((door) => this.#target.hosts.find(({ service }) => service === door) ?? []);
    return once === true ? open.slice(0, 1) : open;
  }

  async #visits(one: Visits): Promise<readonly Finding[]> {
    const checks = one.checks.filter((check) => this.#isWanted(check));
    if (checks.length === 0) return [];
    const findings: Finding[] = [];
    for (const host of this.#doorsOf(one)) {
      this.#progress(`${placeOf(host)} ${one.id}`);
      const found = await one.run(host, this.#net);
      findings.push(...found.filter(({ check }) => checks.includes(check)));
    }
    return findings;
  }

  /** At each of its doors; who only waits does so at all of them at once. */
  async #everywhere(one: Attack): Promise<readonly Finding[]> {
    const doors = this.#doorsOf(one);
    if (one.weight === "slow") return (await Promise.all(doors.map((host) => this.#at(one, host)))).flat();
    const findings: Finding[] = [];
    for (const host of doors) {
      this.#progress(`${placeOf(host)} ${one.check}`);
      findings.push(...(await this.#at(one, host)));
      if (one.weight === "heavy" && !(await this.#bystander.isServed()))
        findings.push(
          failure(one.check, placeOf(host), seenReason("nobody is greeted any more"), "attack-silenced"),
        );
    }
    return findings;
  }

  #at(one: Attack, host: HostTarget): Promise<readonly Finding[]> {
    return runProbe(this.#asProbe(one), host, placeOf(host), this.#net, ATTACK_LIMITS.case_ms);
  }

  /** With the doctor's care for what throws or does not end. */
  #asProbe(one: Attack): Probe<HostTarget> {
    return {
      id: one.check,
      title: CHECKS[one.check].title,
      source: CHECKS[one.check].source,
      checks: [one.check],
      run: async (host, net) => [findingOf(one.check, placeOf(host), await this.#outcome(one, host, net))],
    };
  }

  async #outcome(one: Attack, host: HostTarget, net: Net): Promise<Outcome | "no-account" | "no-domain"> {
    const { domain, account } = this.#target;
    if (domain === undefined) return "no-domain";
    const at: At = { host, net, domain, target: this.#target, token: this.#token };
    if (one.needs === "nothing") return one.run(at);
    return account === undefined ? "no-account" : one.run({ ...at, account });
  }
}

function findingOf(check: CheckId, place: string, outcome: Outcome | "no-account" | "no-domain"): Finding {
  if (outcome === "no-account") return unknown(check, place, "", "not-looked", { reason: "no --account" });
  if (outcome === "no-domain") return unknown(check, place, "", "not-looked", { reason: "no domain" });
  const { kind, saw } = outcome;
  if (kind === "held") return fine(check, place, seenReason(saw));
  return kind === "broken"
    ? failure(check, place, seenReason(saw), attackNote(check))
    : unknown(check, place, seenReason(saw), "not-looked", { reason: saw });
}

function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const rank = new Map(Object.keys(CHECKS).map((id, at) => [id, at]));
  return [...findings].sort((one, other) => (rank.get(one.check) ?? 0) - (rank.get(other.check) ?? 0));
}
