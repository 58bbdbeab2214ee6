import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp } from "../base/ip.ts";
import { isGenericName } from "./generic-name.ts";

const CASES: readonly (readonly [name: string, address: string, generic: boolean])[] = [
  ["host-203-0-113-7.isp.example.net", "203.0.113.7", true],
  ["7.113.0.203.in-addr.isp.example.net", "203.0.113.7", true],
  ["ip203-0-113.7.isp.example.net", "203.0.113.7", true],
  ["cb007107.isp.example.net", "203.0.113.7", true],
  ["203000113007.isp.example.net", "203.0.113.7", true],
  ["p7.dynamic.isp.example.net", "203.0.113.7", true],
  ["adsl-7.isp.example.net", "203.0.113.7", true],
  ["mail7.isp.example.net", "203.0.113.7", false],
  ["mx1.example.com", "203.0.113.7", false],
  ["a113-7.smtp-out.example.com", "203.0.113.7", false],
  ["dynamic.example.com", "203.0.113.7", false],
  ["mail-db8eur05on2107.outbound.example.com", "203.0.113.107", false],
  ["mail-wr1-f41.google.example", "209.85.221.41", false],
  ["example.net", "203.0.113.7", false],
  ["unknown", "203.0.113.7", false],
  ["2001-db8-0-0-a12b-3c4d-5e6f-7a8b.isp.example.net", "2001:db8::a12b:3c4d:5e6f:7a8b", true],
  ["mx.example.com", "2001:db8::a12b:3c4d:5e6f:7a8b", false],
];

for (const [name, address, generic] of CASES)
  test(`${name} of ${address} is ${generic ? "" : "not "}generic`, () =>
    assert.equal(isGenericName(name, parseIp(address) ?? assert.fail(address)), generic));
