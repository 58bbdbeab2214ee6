/** Who was written to is not put off; and nobody learns in the name of others who was. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { STRANGER } from "../../test/policy/stranger.ts";
import { liveAsk, type World } from "./ask.ts";
import { correspondentQuestion } from "./correspondents.ts";
import { evaluate } from "./evaluate.ts";
import type { PolicyFacts } from "./facts.ts";
import { readPolicy } from "./policy-lists.ts";

const { lists } = readPolicy({ recipient: { text: "greylist_suspicious" } });

/** A client without a name, for a sender whom somebody here has written to. */
async function asked(spf: PolicyFacts["spf"]): Promise<{ decision: string; questions: string[] }> {
  const world: World = {
    dns: { query: async () => ({ kind: "nxdomain", ttl_s: 60, authenticated: false }) },
    lookUp: () => "none",
    listState: () => "on",
    count: async (name) => (name === correspondentQuestion("friend@example.com") ? 1 : 0),
    now: () => 0,
  };
  const facts = { ...STRANGER, sender: "Friend@example.com", ...(spf === undefined ? {} : { spf }) };
  const { decision, asked: questions } = await evaluate(lists, "rcpt", facts, liveAsk(world));
  return { decision, questions: questions.map(({ question }) => question.split(" ")[0] ?? "") };
}

for (const spf of ["none", "neutral", "temperror", undefined] as const) {
  test(`SPF ${spf}: who was written to is not put off`, async () => {
    assert.equal((await asked(spf)).decision, "permit");
  });
}

for (const spf of ["fail", "softfail"] as const) {
  test(`SPF ${spf}: put off like everybody, and nothing is asked`, async () => {
    const { decision, questions } = await asked(spf);
    assert.equal(decision, "defer");
    assert.ok(questions.includes("greylist") && !questions.includes("correspondents"), String(questions));
  });
}
