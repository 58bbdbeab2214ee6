/** What runs as a process of its own: takes an order on standard input, examines, writes findings to standard output. */
import { enableCompileCache } from "node:module";
import { systemClock } from "../base/clock.ts";
import type { Config } from "../config/schema.ts";
import { examine, type Plan } from "../doctor/examine.ts";
import { realNet } from "../doctor/net.ts";
import { planForOurselves } from "../doctor/net-ourselves.ts";
import { partTrial } from "../doctor/trial.ts";
import type { ExaminationDue } from "./schedule.ts";

/** The configuration is the one the server runs with, not what its file says by now. */
export type Order = { readonly config: Config; readonly kind: ExaminationDue };

async function readOrder(): Promise<Order> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  // Written by the server itself a moment ago.
  return JSON.parse(Buffer.concat(chunks).toString()) as Order;
}

async function main(): Promise<void> {
  const { config, kind } = await readOrder();
  const net = await realNet({ dnsServers: config.dns.servers, heloName: config.hostname }, systemClock);
  const plan = await planForOurselves(config, {}, net);
  if (plan === undefined) throw new Error("there is nothing to examine");
  const found = await examine({ ...withoutItself(plan), light: kind === "light" }, net);
  const parted = plan.trial === true ? partTrial(found) : { looked: found, expected: [] };
  process.stdout.write(JSON.stringify(parted));
}

/** What it would find of itself is the one before; the server knows of this one. */
const withoutItself = ({ own, ...plan }: Plan): Plan =>
  own === undefined ? plan : { ...plan, own: { ...own, schedule: undefined } };

enableCompileCache();
await main();
