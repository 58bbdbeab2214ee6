/** One row of an aggregate report as it is kept: what the record said, and what alike messages came to. */
import type { AggregateRecord, AggregateReport } from "../../authentication/reports/aggregate.ts";

export type DmarcFacts = {
  readonly policy: AggregateReport["policy"];
  readonly record: Omit<AggregateRecord, "count">;
};

/** Equal facts give equal text: both sides are built with their members in one order. */
export const encodeDmarcFacts = (facts: DmarcFacts): string => JSON.stringify(facts);

/** Undefined for what a damaged store may hold. */
export function decodeDmarcFacts(text: string): DmarcFacts | undefined {
  try {
    const { policy, record } = JSON.parse(text) as Partial<DmarcFacts>;
    return policy === undefined || record === undefined ? undefined : { policy, record };
  } catch {
    return undefined;
  }
}
