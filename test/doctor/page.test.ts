/** The page of `doctor --html` in a real browser: on a telephone, by night, on paper, in both languages. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CHECK_IDS } from "../../src/doctor/checks.ts";
import { failure, fine, unknown, warning } from "../../src/doctor/finding.ts";
import { reportHtml } from "../../src/doctor/report-html.ts";
import { reportJson } from "../../src/doctor/report-json.ts";
import { Browser, browserMissing } from "./browser.ts";

const PHONE_PX = 360;
const MX = "mail.example.org:25";
const LONG = `${"v".repeat(120)} ${"a-very-long-host-name.".repeat(8)}example.org:25`;
const GOOD = CHECK_IDS.map((id) => fine(id, MX, "GOOD"));
const BAD = [
  ...GOOD.slice(5),
  failure("mx-exists", "example.org", "", "mx-missing", { domain: "example.org", host: "mail.example.org" }),
  failure("dane-matches", MX, LONG, "dane-mismatch", { name: LONG, digest: "ab".repeat(32) }),
  warning("spf-voids", LONG, LONG, "spf-voids", { count: "1" }),
  ...(["ssl2", "ssl3"] as const).map((id) => unknown(id, MX, "", "not-looked", { reason: "x" })),
];
const page = (kind: "good" | "bad", language: "en" | "de"): string =>
  reportHtml(reportJson(kind === "good" ? GOOD : BAD, language), "mail.example.org", language, 0);

/** Everything that sticks out to the right, and whether the whole can be pushed aside. */
const STICKING_OUT = `(() => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  const wide = [...document.querySelectorAll("main *")].filter((one) =>
    !one.classList.contains("spoken") && one.getBoundingClientRect().right > innerWidth + 0.5);
  const scroll = document.documentElement.scrollWidth;
  return { width: innerWidth, scroll, wide: wide.map((one) => one.outerHTML.slice(0, 120)) };
})()`;

/** Contrast of every text with what is behind it, the least. WCAG 2.2 §1.4.3 */
const CONTRAST = `(() => {
  const paper = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    paper.fillStyle = colour;
    paper.fillRect(0, 0, 1, 1);
    return [...paper.getImageData(0, 0, 1, 1).data].slice(0, 3).map((one) => one / 255)
      .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
      .reduce((sum, one, i) => sum + one * [0.2126, 0.7152, 0.0722][i], 0);
  };
  document.body.style.background = "Canvas";
  const behind = light(getComputedStyle(document.body).backgroundColor);
  return Math.min(...[...document.querySelectorAll("main *")].map((one) => {
    const front = light(getComputedStyle(one).color);
    return (Math.max(front, behind) + 0.05) / (Math.min(front, behind) + 0.05);
  }));
})()`;
const CONTRAST_MIN = 4.5;
const HEIGHTS = `[...document.querySelectorAll("tbody tr")].map((one) => one.getBoundingClientRect().height)`;
const LEVELS = `[...document.querySelectorAll("h1,h2,h3,h4")].map((one) => Number(one.tagName[1]))`;
const SPOKEN = `[...document.querySelectorAll(".mark")].every((one) => one.nextElementSibling?.textContent)`;

let browser: Browser;
before(async () => {
  if (!browserMissing) browser = await Browser.open();
});
after(async () => {
  if (!browserMissing) await browser[Symbol.asyncDispose]();
});

for (const language of ["en", "de"] as const) {
  test(`nothing sticks out on a telephone (${language})`, { skip: browserMissing }, async () => {
    for (const kind of ["good", "bad"] as const) {
      await browser.show(page(kind, language), PHONE_PX);
      const seen = await browser.ask(STICKING_OUT);
      assert.deepEqual(seen, { width: PHONE_PX, scroll: PHONE_PX, wide: [] }, kind);
    }
  });

  test(`all text can be read, by day and by night (${language})`, { skip: browserMissing }, async () => {
    for (const scheme of ["light", "dark"]) {
      await browser.show(page("bad", language), 1_000, { scheme });
      const least = Number(await browser.ask(CONTRAST));
      assert.ok(least >= CONTRAST_MIN, `${scheme}: ${least.toFixed(2)}`);
    }
  });

  test(`on paper nothing stays folded up (${language})`, { skip: browserMissing }, async () => {
    await browser.show(page("bad", language), 800, { media: "print" });
    const heights = (await browser.ask(HEIGHTS)) as number[];
    assert.ok(heights.length > 50 && heights.every((one) => one > 0), heights.join(" "));
  });
}

test(
  "headings follow one another, signs have words for those who are read to",
  {
    skip: browserMissing,
  },
  async () => {
    await browser.show(page("bad", "de"), 1_000);
    const levels = (await browser.ask(LEVELS)) as number[];
    assert.equal(levels[0], 1);
    for (const [i, level] of levels.entries()) assert.ok(level <= (levels[i - 1] ?? 0) + 1, levels.join(" "));
    assert.equal(await browser.ask("document.documentElement.lang"), "de");
    assert.equal(await browser.ask(SPOKEN), true);
  },
);
