/** `wachpost config`, with a real server. The short form; `npm run promotion` tries every way in which it can go wrong. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { tryOut } from "../../src/cli/config-try.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { lookedText } from "../../src/promotion/looked.ts";
import { Place } from "./place.ts";

let place: Place;
before(async () => {
  place = await Place.make();
  await place.start();
});
after(async () => place[Symbol.asyncDispose]());

test("what cannot work is refused before anything is started, with the reason", async () => {
  const { text, ports } = place;
  const [smtp = 0, , imaps = 0] = ports;
  const cases: readonly (readonly [name: string, text: string, why: RegExp])[] = [
    [
      "no TLS floor",
      `${text}[tls]\nmin_version = "1.0"\n`,
      /new\.toml:\d+: tls\.min_version: no such setting/,
    ],
    [
      "unreadable certificate",
      `${text}[tls]\ncertificate = "/no/c.pem"\nkey = "/no/k.pem"\n`,
      /c\.pem does not exist/,
    ],
    ["weaker", `${text}[sasl]\nscram = "never"\n`, /Weaker than before: sasl\.scram = "never"/],
    ["other data", text.replace("/data", "/elsewhere"), /The mail is in .*\/data; .* has none/],
    ["port twice", text.replace(String(imaps), String(smtp)), /is named twice/],
    [
      "bad address",
      text.replace('["127.0.0.1"]', '["192.0.2.1"]'),
      /192\.0\.2\.1:\d+ \(smtp\) cannot be opened: EADDRNOTAVAIL/,
    ],
  ];
  const read = parseConfig(text);
  assert.ok(read.ok);
  const active = { file: place.config, text, config: read.value };
  for (const [name, wanted, why] of cases) {
    const file = place.write("new.toml", wanted);
    const { looked } = await tryOut({ file, text: wanted }, active, { language: "en", allowWeaker: false });
    assert.match(lookedText(looked, "en"), why, name);
    assert.ok(looked.some(({ grade }) => grade === "fail") && !looked.some(({ id }) => id === "start"), name);
  }
  const { status, stdout } = await place.cli("config", "apply", join(place.directory, "new.toml"));
  assert.equal(status, 1, stdout);
  assert.match(stdout, /Not applied; .* are as they were\./);
  assert.equal(place.inPlace, text);
});

test("a good change, killed when the server was to be restarted, is found and finished", async () => {
  const wanted = `${place.text}[limits]\nmessage_size_octets = 1048576\n`;
  const pid = place.pid;
  place.sabotage("kill");
  const killed = await place.cli(
    "config",
    "apply",
    place.write("new.toml", wanted),
    "--restart-command",
    place.restart,
  );
  assert.notEqual(killed.status, 0);
  assert.match(killed.stdout, /limits\.message_size_octets: 52428800 -> 1048576/);
  assert.doesNotMatch(killed.stdout, / fail /);
  for (const title of [
    "A server starts",
    "Mail from outside",
    "Postmaster",
    "Unknown",
    "relay",
    "send",
    "read",
    "attack",
  ])
    assert.match(killed.stdout, new RegExp(`  ok      .*${title}`));
  assert.equal(place.inPlace, wanted);
  assert.equal(place.pid, pid, "the server has not noticed yet");

  const status = await place.cli("config", "status");
  assert.equal(status.status, 1);
  assert.match(status.stdout, /runs with others/);
  assert.match(status.stdout, /interrupted; the new file is in place/);

  assert.match(await place.ok("config", "settle"), /Applied/);
  assert.notEqual(place.pid, pid);
  assert.match(await place.ok("config", "status"), /passed their trial.*\n.*runs with them/);
  assert.match(await place.ok("config", "history"), /^1 +\d{4}-/m);
  assert.match(await place.ok("config", "diff"), /limits\.message_size_octets: 52428800 -> 1048576/);
});
