import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "./charset.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

const samples: readonly { charset: string; octets: Buffer; want: string }[] = [
  { charset: "utf-8", octets: hex("c3bc e282ac"), want: "ü€" },
  { charset: "UTF8", octets: hex("c3bc"), want: "ü" },
  { charset: " Utf-8 ", octets: hex("ff"), want: "\ufffd" },
  { charset: "iso-8859-1", octets: hex("fc"), want: "ü" },
  { charset: "iso-8859-1", octets: hex("80"), want: "€" },
  { charset: "ISO-8859-15", octets: hex("a4"), want: "€" },
  { charset: "windows-1252", octets: hex("80 93 94"), want: "€“”" },
  { charset: "cp1251", octets: hex("cff0e8e2e5f2"), want: "Привет" },
  { charset: "koi8-r", octets: hex("f0d2c9d7c5d4"), want: "Привет" },
  { charset: "iso-2022-jp", octets: hex("1b2442 2447 1b2842"), want: "で" },
  { charset: "shift_jis", octets: hex("82c5"), want: "で" },
  { charset: "cp932", octets: hex("82c5"), want: "で" },
  { charset: "euc-kr", octets: hex("b0a1"), want: "가" },
  { charset: "ks_c_5601-1987", octets: hex("b0a1"), want: "가" },
  { charset: "gb2312", octets: hex("c4e3"), want: "你" },
  { charset: "gb18030", octets: hex("c4e3"), want: "你" },
  { charset: "big5", octets: hex("a741"), want: "你" },
  { charset: "cp437", octets: hex("81 9b e1 ff 41"), want: "ü¢ß\u00a0A" },
  { charset: "IBM850", octets: hex("81 9b e1 d5"), want: "üøßı" },
  { charset: "utf-16", octets: hex("feff 00fc"), want: "ü" },
  { charset: "utf-16", octets: hex("fffe fc00"), want: "ü" },
  { charset: "utf-16", octets: hex("00fc"), want: "ü" },
  { charset: "utf-16le", octets: hex("fc00"), want: "ü" },
  { charset: "us-ascii", octets: hex("c3bc"), want: "ü" },
  { charset: "us-ascii", octets: hex("fc"), want: "ü" },
  { charset: "", octets: hex("c3bc"), want: "ü" },
  { charset: "no-such-charset", octets: hex("fc"), want: "ü" },
  { charset: "hz-gb-2312", octets: Buffer.from("plain"), want: "plain" },
  { charset: "__proto__", octets: Buffer.from("x"), want: "x" },
  { charset: "\0\r\n", octets: Buffer.from("x"), want: "x" },
  // RFC 2152 §3
  { charset: "utf-7", octets: Buffer.from("A+ImIDkQ."), want: "A\u2262\u0391." },
  { charset: "unicode-1-1-utf-7", octets: Buffer.from("Hi Mom -+Jjo--!"), want: "Hi Mom -\u263a-!" },
  { charset: "utf-7", octets: Buffer.from("+ZeVnLIqe-"), want: "日本語" },
  { charset: "utf-7", octets: Buffer.from("1 +- 1 = 2 +"), want: "1 + 1 = 2 +" },
];

for (const { charset, octets, want } of samples) {
  test(`decode ${JSON.stringify(charset)} ${octets.toString("hex")}`, () =>
    assert.equal(decode(octets, charset), want));
}

test("names from strangers do not pile up and never throw", () => {
  for (let i = 0; i < 1_000; i++) assert.equal(decode(Buffer.from("x"), `x-charset-${i}`), "x");
});
