import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { whenAborted } from "./abort-listeners.ts";

test("every listener hears of the abort once, who stopped listening does not, and the signal has one listener", () => {
  const controller = new AbortController();
  const { signal } = controller;
  const heard: string[] = [];
  const note = (name: string) => (): void => void heard.push(name);
  const twice = note("twice");
  whenAborted(signal, note("first"));
  const stop = whenAborted(signal, note("stopped"));
  whenAborted(signal, twice);
  const stopOne = whenAborted(signal, twice);
  stop();
  stopOne();
  assert.equal(getEventListeners(signal, "abort").length, 1);
  controller.abort();
  controller.abort();
  assert.deepEqual(heard, ["first", "twice"]);
});
