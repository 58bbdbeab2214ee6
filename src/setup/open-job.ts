import { join } from "node:path";
import { HASH_COST_MIN } from "../accounts/password-hash.ts";
import type { Clock } from "../base/clock.ts";
import { silentLog } from "../base/log.ts";
import { dnsClient } from "../dns/client.ts";
import { serversOf } from "../dns/configured.ts";
import { netOver } from "../doctor/net.ts";
import { openStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import type { Answers } from "./answers.ts";
import type { Job } from "./job.ts";
import { asUser, systemUser } from "./machine-users.ts";
import { writeState, type SetupState } from "./state.ts";

/** Big receivers in three places of the world; each is asked for its greeting and nothing else. */
const OUTSIDE = ["gmail-smtp-in.l.google.com", "mx00.gmx.net", "mx01.mail.icloud.com"].map((host) => ({
  host,
  port: 25,
}));

/** What the command line adds: how to talk to the person, secrets, and whether the server runs below us. */
export type Hands = Pick<
  Job,
  "language" | "password" | "updateSecret" | "progress" | "show" | "startHere" | "pause"
> & {
  readonly outside?: Job["outside"];
  /** Only looks: nothing is written, not even the state. */
  readonly looksOnly: boolean;
};

/** The job with the world around it. Nothing remembers DNS answers here: they change while setup runs. */
export async function openJob(
  answers: Answers,
  earlier: SetupState | undefined,
  clock: Clock,
  hands: Hands,
): Promise<Job & AsyncDisposable> {
  const { domain, data, hostName, user, dnsServers } = answers;
  const { domain: _, data: __, ...kept } = answers;
  let state: SetupState = {
    schema: 1,
    steps: earlier?.steps ?? {},
    passwordSeen: earlier?.passwordSeen ?? true,
    ...(earlier?.preflight === undefined ? {} : { preflight: earlier.preflight }),
    ...(earlier?.configuration === undefined ? {} : { configuration: earlier.configuration }),
    answers: kept,
  };
  /** Opened at first use, once. */
  let store: Store | undefined;
  const owner = async () => (user === undefined ? undefined : await systemUser(user));
  return {
    ...hands,
    answers,
    clock,
    outside: hands.outside ?? OUTSIDE,
    net: netOver(dnsClient(await serversOf(dnsServers)), clock, hostName),
    get state() {
      return state;
    },
    async save(change) {
      state = { ...state, ...change };
      if (!hands.looksOnly) await writeState(data, domain, state);
    },
    owner,
    async withStore(work) {
      return await asUser(await owner(), async () => {
        store ??= await openStore({ directory: join(data, "store"), log: silentLog, clock });
        return await work({ store, clock, cost: HASH_COST_MIN });
      });
    },
    async [Symbol.asyncDispose]() {
      const opened = store;
      store = undefined;
      await asUser(await owner(), async () => await opened?.[Symbol.asyncDispose]());
    },
  };
}
