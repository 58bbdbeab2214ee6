/** A bug behind the session costs the client this session, and nobody anything else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DialogClient, SmtpStage } from "../../test/dialogs/smtp/stage.ts";
import type { Result } from "../base/result.ts";
import type { MessageSink } from "./backend.ts";
import type { Reply } from "./reply.ts";

const bug = (): never => {
  throw new Error("a bug");
};
const lateBug = async (): Promise<never> => bug();

const SINKS: Readonly<Record<string, Partial<MessageSink>>> = {
  "write throws": { write: bug },
  "write rejects": { write: lateBug },
  "write and abort throw": { write: bug, abort: bug },
  "finish throws": { finish: bug },
  "finish rejects": { finish: lateBug },
  "finish gives no reply": { finish: async () => [] },
};
const DATA = ["DATA\r\n", "x\r\n.\r\n"];
const BDAT = ["BDAT 3\r\nx\r\nBDAT 3 LAST\r\ny\r\nRSET\r\n"];

function stageWith(data: () => Result<MessageSink, Reply>): SmtpStage {
  const stage = new SmtpStage(new Map());
  stage.backend.data = async () => data();
  return stage;
}

async function refusal(client: DialogClient): Promise<string> {
  for (;;) {
    const line = await client.line();
    if (line.startsWith("4") || line.includes("Stored")) return line;
  }
}

async function fails(stage: SmtpStage, parts: readonly string[]): Promise<void> {
  const { client, over } = stage.inMemory();
  client.send(Buffer.from("EHLO client.example.org\r\n"));
  while (!(await client.line()).startsWith("250 ")) continue;
  client.send(Buffer.from("MAIL FROM:<a@example.org>\r\nRCPT TO:<you@wachpost.test>\r\n"));
  const [command = "", ...body] = parts;
  client.send(Buffer.from(command));
  for (const part of body) {
    while (!(await client.line()).startsWith("354 ")) continue;
    client.send(Buffer.from(part));
  }
  assert.match(await refusal(client), /^421 4\.3\.0 Internal error, reference /);
  await over;
  await client.closed();
  assert.equal(stage.backend.sessions, 0, "sessions still connected");
}

for (const [what, fault] of Object.entries(SINKS))
  for (const [how, parts] of Object.entries({ DATA, BDAT }))
    test(`${how}: ${what}`, async () => {
      const sink: MessageSink = { write: () => {}, finish: lateBug, abort: () => {}, ...fault };
      await fails(
        stageWith(() => ({ ok: true, value: sink })),
        parts,
      );
    });

test("DATA: the backend throws", () => fails(stageWith(bug), ["DATA\r\n"]));

test("a farewell that throws", async () => {
  const stage = new SmtpStage(new Map());
  stage.backend.disconnected = bug;
  const { client, over } = stage.inMemory();
  assert.match(await client.line(), /^220 /);
  client.send(Buffer.from("QUIT\r\n"));
  assert.match(await client.line(), /^221 /);
  await over;
  await client.closed();
});
