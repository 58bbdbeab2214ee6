import { addressCheck } from "./address.ts";
import { clockCheck } from "./clock.ts";
import { diskCheck } from "./disk.ts";
import { domainCheck } from "./domain.ts";
import type { Ground, PreflightCheck, PreflightFinding } from "./finding.ts";
import { listsCheck } from "./lists.ts";
import { memoryCheck } from "./memory.ts";
import { nameCheck } from "./name.ts";
import { nodeCheck } from "./node.ts";
import { outboundCheck } from "./outbound.ts";
import { portsCheck } from "./ports.ts";
import { resolverCheck } from "./resolver.ts";
import { reverseCheck } from "./reverse.ts";
import { softwareCheck } from "./software.ts";

/** In the order they are shown: the machine, its names, its standing in the world. */
const CHECKS: readonly PreflightCheck[] = [
  nodeCheck,
  memoryCheck,
  diskCheck,
  clockCheck,
  softwareCheck,
  portsCheck,
  nameCheck,
  domainCheck,
  resolverCheck,
  addressCheck,
  reverseCheck,
  listsCheck,
  outboundCheck,
];

/** All at once: most of the time is waiting for the network. */
export async function preflight(ground: Ground): Promise<readonly PreflightFinding[]> {
  return (await Promise.all(CHECKS.map((check) => check(ground)))).flat();
}
