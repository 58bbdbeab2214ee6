import type { Check } from "../contract.ts";
import { dunno, refuse } from "../verdict.ts";

/** Refuses clients whose address has no name at all. */
export const rejectUnknownReverseClientHostname: Check = {
  name: "reject_unknown_reverse_client_hostname",
  takes: "nothing",
  run({ facts, settings }) {
    if (facts.reverseClientNameState === "ok") return dunno({ name: facts.reverseClientName });
    const code = facts.reverseClientNameState === "tempfail" ? 450 : settings.codes.unknownClient;
    const text = `Client host rejected: cannot find your reverse hostname, [${facts.clientAddress}]`;
    const reason = facts.reverseClientNameState === "tempfail" ? "name-not-learned" : "no-reverse-name";
    return refuse(code, "4.7.1", text, reason, {
      address: facts.clientAddress,
      reverse: facts.reverseClientName,
    });
  },
};
