import type { Check } from "../contract.ts";
import { refuseListedAddress } from "../list-checks.ts";

/** Refuses clients whose address a DNS list names (RFC 5782). */
export const rejectRblClient: Check = {
  name: "reject_rbl_client",
  takes: "zone",
  run: (context) => refuseListedAddress(context),
};
