/** The flood as a process of its own, so that its work is not taken for the server's slowness. Tells its counts when asked. */
import { HeldConnections } from "./held-connections.ts";
import { WrongLogins, type LoginOutcomes, type LoginTargets } from "./wrong-logins.ts";

export type AttackPlan = {
  readonly smtp: number;
  readonly connections: number;
  readonly retry_ms: number;
  /** Each connection from a network of its own. */
  readonly spread: boolean;
  readonly loginsPerSecond: number;
  readonly targets: LoginTargets;
};
export type AttackCounts = {
  readonly held: number;
  readonly opened: number;
  readonly refused: number;
  readonly failed: number;
  readonly tried: number;
  readonly outcomes: LoginOutcomes;
};

const plan = JSON.parse(process.argv[2] ?? "{}") as AttackPlan;
const connections = new HeldConnections(
  plan.smtp,
  plan.connections,
  plan.retry_ms,
  plan.spread ? plan.targets.proxy : undefined,
);
const logins = new WrongLogins(plan.targets, plan.loginsPerSecond);

process.on("message", (question) => {
  const { held, opened, refused, failed } = connections;
  const { tried, outcomes } = logins;
  process.send?.({ held, opened, refused, failed, tried, outcomes } satisfies AttackCounts);
  if (question !== "stop") return;
  connections.stop();
  logins.stop();
  process.disconnect?.();
});
