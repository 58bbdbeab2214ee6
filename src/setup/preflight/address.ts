import { isPublicAddress } from "../../tls/public-address.ts";
import { good, unsure, warned, type PreflightCheck } from "./finding.ts";

/** The addresses others will see us at. */
export const addressCheck: PreflightCheck = async ({ addresses }) => {
  if (addresses.length === 0) return [unsure("address", "-", "address-none")];
  return addresses.map((ip) =>
    isPublicAddress(ip)
      ? good("address", ip.text)
      : warned("address", ip.text, "address-private", { address: ip.text }),
  );
};
