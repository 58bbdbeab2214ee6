/** One row of a TLS report as it is kept: a policy, and the failure of the connections it counts. */
import type { TlsrptFailure, TlsrptPolicy, TlsrptTally } from "../../tls/tlsrpt-tally.ts";
import type { Counting } from "./tally.ts";

export type TlsFacts = {
  readonly policy: TlsrptPolicy;
  /** Absent: they went well. `other`: one of the kinds beyond the limit, which are only summed. */
  readonly failure?: TlsrptFailure | "other";
};

export function decodeTlsFacts(text: string): TlsFacts | undefined {
  try {
    const { policy, failure } = JSON.parse(text) as Partial<TlsFacts>;
    return policy === undefined ? undefined : { policy, ...(failure === undefined ? {} : { failure }) };
  } catch {
    return undefined;
  }
}

/** Moves what outgoing connections came to into the counts of the reports. */
export function drainTls(tally: TlsrptTally, counting: Counting): void {
  for (const { day, domain, policies } of tally.take()) {
    for (const { policy, successes, failures, details } of policies) {
      const add = (count: number, failure?: TlsFacts["failure"]): void => {
        const facts = { policy, ...(failure === undefined ? {} : { failure }) };
        if (count > 0) counting.add("tls", domain, Date.parse(day), JSON.stringify(facts), count);
      };
      add(successes);
      for (const { count, ...failure } of details) add(count, failure);
      add(failures - details.reduce((sum, { count }) => sum + count, 0), "other");
    }
  }
}
