/** What runs as a process of its own: takes an order on standard input, examines, writes findings to standard output. */
import { systemClock } from "../base/clock.ts";
import type { Config } from "../config/schema.ts";
import { checkOf, type CheckId } from "../doctor/checks.ts";
import { examine, type Plan } from "../doctor/examine.ts";
import { realNet } from "../doctor/net.ts";
import { planForOurselves } from "../doctor/net-ourselves.ts";
import type { Finding } from "../doctor/finding.ts";
import { attackOurselves } from "../doctor/net-attack.ts";
import { partTrial } from "../doctor/trial.ts";
import type { Examination } from "./examination.ts";
import type { ExaminationDue } from "./schedule.ts";

/** The configuration is the one the server runs with, not what its file says by now. */
export type Order = {
  readonly config: Config;
  readonly kind: ExaminationDue;
  /** Of the attack only these, and of the rest only what is of their families; absent: all. */
  readonly only?: readonly CheckId[];
};

async function readOrder(): Promise<Order> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  // Written by the server itself a moment ago.
  return JSON.parse(Buffer.concat(chunks).toString()) as Order;
}

async function main(): Promise<void> {
  const { config, kind, only } = await readOrder();
  const net = await realNet({ dnsServers: config.dns.servers, heloName: config.hostname }, systemClock);
  const plan = await planForOurselves(config, {}, net);
  if (plan === undefined) throw new Error("there is nothing to examine");
  const families = only === undefined ? {} : { only: only.map((check) => checkOf(check).family) };
  const found = await examine({ ...withoutItself(plan), light: kind === "light", ...families }, net);
  if (plan.trial === true) return say(partTrial(found));
  const attacked = kind === "full" && config.doctor.attack ? await attacksOn(config, found, only) : [];
  say({ looked: [...found, ...attacked], expected: [] });
}

const say = (examination: Examination): void => void process.stdout.write(JSON.stringify(examination));

/** What the attack tried beyond what the doctor tries anyway. */
async function attacksOn(
  config: Config,
  found: readonly Finding[],
  only: readonly CheckId[] | undefined,
): Promise<readonly Finding[]> {
  const looked = new Set(found.map(({ check }) => check));
  const report = await attackOurselves(config, systemClock, { light: true, ...(only && { only }) });
  return report?.findings.filter(({ check }) => !looked.has(check)) ?? [];
}

/** What it would find of itself is the one before; the server knows of this one. */
const withoutItself = ({ own, ...plan }: Plan): Plan =>
  own === undefined ? plan : { ...plan, own: { ...own, schedule: undefined } };

await main();
