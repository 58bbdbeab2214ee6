/** Mail that came in because nobody could be asked what its author's domain wants. */
import { WISH_UNKNOWN } from "../../src/authentication/dmarc/verify.ts";
import type { JournalRecord } from "../../src/journal/record.ts";
import { judgement, message, session } from "./cases.ts";

export const noDns: readonly JournalRecord[] = [
  session([
    judgement({
      command: "message",
      steps: [
        {
          stage: "content",
          rule: "dmarc",
          verdict: "dunno",
          reason: "dmarc-no-dns",
          evidence: { domain: "example.net" },
        },
      ],
    }),
  ]),
  message({
    authentication: {
      spf: [{ result: "temperror", identity: "mailfrom", domain: "example.net", lookups: 1 }],
      dkim: [],
      arc: { result: "none", instances: 0 },
      dmarc: {
        result: "temperror",
        authorDomain: "example.net",
        requested: "none",
        spfAligned: false,
        dkimAligned: false,
        problem: WISH_UNKNOWN,
      },
    },
  }),
];
