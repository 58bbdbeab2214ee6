import assert from "node:assert/strict";
import { test } from "node:test";
import { planFolders, type FolderChoice, type ListedFolder } from "./folder-plan.ts";

const listed = (name: string, attributes: string[] = [], delimiter = "."): ListedFolder => ({
  name,
  delimiter,
  attributes,
});
const choice = (more: Partial<FolderChoice> = {}): FolderChoice => ({
  map: new Map(),
  prefix: "",
  foreign: [],
  subscribed: new Set(),
  ...more,
});

const cases: readonly {
  name: string;
  folders: readonly ListedFolder[];
  choice?: Partial<FolderChoice>;
  want: readonly string[];
}[] = [
  { name: "INBOX in any case", folders: [listed("Inbox")], want: ["INBOX"] },
  {
    name: "a prefix of Courier and Cyrus",
    folders: [listed("INBOX"), listed("INBOX.Kunden.A")],
    choice: { prefix: "INBOX." },
    want: ["INBOX", "Kunden/A"],
  },
  {
    name: "what the server says a folder is for",
    folders: [listed("Verschickt", ["\\HasNoChildren", "\\Sent"]), listed("Sent")],
    want: ["Sent \\Sent", "Sent"],
  },
  {
    name: "usual names where it says nothing",
    folders: [listed("Gesendete Objekte"), listed("Papierkorb"), listed("Entw&APw-rfe")],
    want: ["Sent \\Sent", "Trash \\Trash", "Drafts \\Drafts"],
  },
  {
    name: "Gmail: all mail is not taken twice, its parent holds nothing",
    folders: [listed("[Gmail]", ["\\Noselect"], "/"), listed("[Gmail]/All Mail", ["\\All"], "/")],
    want: ["- [Gmail]: holds no messages", "- [Gmail]/All Mail: shows messages of other folders once more"],
  },
  {
    name: "unless asked for",
    folders: [listed("[Gmail]/All Mail", ["\\All"], "/")],
    choice: { map: new Map([["[Gmail]/All Mail", "Archive"]]) },
    want: ["Archive"],
  },
  {
    name: "left out as asked",
    folders: [listed("x")],
    choice: { map: new Map([["x", ""]]) },
    want: ["- x: left out as asked"],
  },
  {
    name: "others' folders",
    folders: [listed("Other.bob"), listed("mine")],
    choice: { foreign: ["Other."] },
    want: ["- Other.bob: belongs to others", "mine"],
  },
  { name: "a slash inside a name", folders: [listed("a/b.c")], want: ["a-b/c"] },
  {
    name: "paths and empty levels",
    folders: [listed("..a.", [], "."), listed("../../etc", [], "/")],
    want: ["a", "-/-/etc"],
  },
  {
    name: "no name at all",
    folders: [listed(".", [], ".")],
    want: ["- .: its name cannot be used here (The name has an empty level); name one with --map"],
  },
  {
    name: "a name that is a command",
    folders: [listed("a\r\nw2 DELETE INBOX")],
    want: ["- a\r\nw2 DELETE INBOX: its name is none"],
  },
  { name: "not modified UTF-7", folders: [listed("Entw\u00c3\u00bcrfe&")], want: ["Entw\u00c3\u00bcrfe&"] },
];
for (const { name, folders, choice: more, want } of cases)
  void test(`folders become mailboxes: ${name}`, () => {
    const plan = planFolders(folders, choice(more));
    assert.deepEqual(
      [
        ...plan.skipped.map((one) => `- ${one.name}: ${one.why}`),
        ...plan.folders.map(({ target, specialUse }) => (specialUse ? `${target} ${specialUse}` : target)),
      ],
      want,
    );
  });
