import type { ZoneFault } from "../dns/update-client.ts";
import { failed, type Look } from "./step.ts";
import type { SetupWord } from "./words/sentences.ts";

const FAULT_WORDS = {
  unreachable: "update-unreachable",
  "no-zone": "update-no-zone",
  refused: "update-refused",
  "bad-key": "update-bad-key",
  "bad-signature": "update-bad-signature",
  "bad-time": "update-bad-time",
  "bad-truncation": "update-failed",
  unsigned: "update-forged",
  forged: "update-forged",
  "bad-record": "update-failed",
  failed: "update-failed",
} as const satisfies Readonly<Record<ZoneFault["kind"], SetupWord>>;

/** Why the zone was not changed, and the lines to enter by hand. */
export const faultLook = ({ kind, detail }: ZoneFault, lines: readonly string[]): Look =>
  failed(FAULT_WORDS[kind], { detail }, { lines, remedy: { word: "update-fix", values: {} } });
