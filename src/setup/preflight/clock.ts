import { acmeHttp } from "../../tls/acme-http.ts";
import { readText } from "../machine-files.ts";
import { bad, good, unsure, type PreflightCheck } from "./finding.ts";

/** TOTP codes and DKIM times bear this (S-03); an HTTP date has whole seconds. */
const OFFSET_MAX_S = 5;

/** Our clock against the one of the certificate authority. RFC 9110 §6.6.1 */
export const clockCheck: PreflightCheck = async ({ answers: { acme }, net: { clock } }) => {
  if (acme === undefined) return [unsure("clock", "", "clock-alone")];
  const url = acme.directory;
  const { host } = new URL(url);
  const ca = acme.caFile === undefined ? undefined : await readText(acme.caFile);
  const asked_ms = clock.now();
  const answer = await acmeHttp(ca)({ method: "GET", url });
  const answered_ms = clock.now();
  const there_ms = answer.ok ? Date.parse(answer.value.headers.date ?? "") : Number.NaN;
  if (Number.isNaN(there_ms)) {
    const reason = answer.ok ? "no-date" : answer.error;
    return [unsure("clock", "", "clock-unknown", { host, reason })];
  }
  // Half a second on average is cut off; the answer was made somewhere between question and receipt.
  const offset_s = Math.abs((asked_ms + answered_ms) / 2 - (there_ms + 500)) / 1000;
  const half_trip_s = (answered_ms - asked_ms) / 2000;
  const evidence = `${Math.round(offset_s)} s (${host})`;
  return offset_s - half_trip_s <= OFFSET_MAX_S
    ? [good("clock", evidence)]
    : [bad("clock", evidence, "clock-off", { seconds: String(Math.round(offset_s)) })];
};
