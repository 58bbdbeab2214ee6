import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { parseDialog } from "./smtp/dialog.ts";
import { playInMemory, playOverTcp } from "./smtp/stage.ts";

const folder = new URL("./smtp/", import.meta.url);
const dialogs = readdirSync(folder)
  .filter((file) => file.endsWith(".dialog"))
  .map((file) => parseDialog(file, readFileSync(new URL(file, folder), "utf8")));

describe("SMTP dialogs over memory", { concurrency: 4 }, () => {
  for (const dialog of dialogs) test(dialog.name, () => playInMemory(dialog).then(() => {}));
});

describe("SMTP dialogs over TCP", { concurrency: 4 }, () => {
  for (const dialog of dialogs) test(dialog.name, () => playOverTcp(dialog).then(() => {}));
});
