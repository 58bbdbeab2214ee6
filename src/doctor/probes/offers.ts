import { CIPHERS, GROUPS } from "../../tls/contexts.ts";
import type { Offer } from "../probe.ts";

/** For tests of what a server should refuse: OpenSSL's floor off on our side. */
const NO_FLOOR = "@SECLEVEL=0";

/** Weak ones last: what the server chooses shows what it is able to. */
const WEAK = [
  "ECDHE-ECDSA-AES256-SHA",
  "ECDHE-RSA-AES256-SHA",
  "ECDHE-ECDSA-AES128-SHA",
  "ECDHE-RSA-AES128-SHA",
  "DHE-RSA-AES256-GCM-SHA384",
  "DHE-RSA-AES128-GCM-SHA256",
  "DHE-RSA-AES256-SHA",
  "AES256-GCM-SHA384",
  "AES128-GCM-SHA256",
  "AES256-SHA256",
  "AES256-SHA",
  "AES128-SHA",
];

/** For what TLS 1.3 no longer has. */
export const TLS_12: Offer = {
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.2",
  ciphers: [CIPHERS, ...WEAK, NO_FLOOR].join(":"),
};

/** Everything good, and what old servers have, as a large sender would. */
export const BEST: Offer = {
  minVersion: "TLSv1",
  maxVersion: "TLSv1.3",
  ciphers: [CIPHERS, ...WEAK, NO_FLOOR].join(":"),
  groups: `${GROUPS}:P-521`,
};
