import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { parseDialog } from "./dialog.ts";
import { playInMemory, playOverTcp } from "./stage.ts";

const folder = new URL("./", import.meta.url);
const only = process.env.DIALOG ?? "";
const dialogs = readdirSync(folder)
  .filter((file) => file.endsWith(".dialog") && file.includes(only))
  .map((file) => parseDialog(file, readFileSync(new URL(file, folder), "utf8")));
const onStore = dialogs.filter(({ settings }) => settings.get("engine") !== "memory");

describe("IMAP dialogs over memory", { concurrency: 4 }, () => {
  for (const dialog of dialogs) test(dialog.name, () => playInMemory(dialog, "memory").then(() => {}));
});

describe("IMAP dialogs over TCP", { concurrency: 4 }, () => {
  for (const dialog of dialogs) test(dialog.name, () => playOverTcp(dialog, "memory").then(() => {}));
});

describe("IMAP dialogs on the real store", { concurrency: 2 }, () => {
  for (const dialog of onStore) test(dialog.name, () => playOverTcp(dialog, "store").then(() => {}));
});
