import assert from "node:assert/strict";
import { test } from "node:test";
import { cidrContains, parseCidr, parseIp } from "./ip.ts";

test("a network holds the addresses that share its bits, and none of the other family", () => {
  for (const [network, inside, outside] of [
    ["0.0.0.0/0", "203.0.113.9", "::1"],
    ["192.0.2.0/24", "192.0.2.255", "192.0.3.0"],
    ["192.0.2.128/25", "192.0.2.128", "192.0.2.127"],
    ["192.0.2.8/29", "192.0.2.15", "192.0.2.16"],
    ["10.0.0.0/7", "11.255.0.1", "12.0.0.1"],
    ["192.0.2.1", "192.0.2.1", "192.0.2.0"],
    ["192.0.2.1/32", "::ffff:192.0.2.1", "192.0.2.3"],
    ["::/0", "2001:db8::1", "192.0.2.1"],
    ["2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"],
    ["2001:db8::1", "2001:db8::1", "2001:db8::"],
  ] as const) {
    const cidr = parseCidr(network) ?? assert.fail(network);
    const holds = (text: string): boolean => cidrContains(cidr, parseIp(text) ?? assert.fail(text));
    assert.equal(holds(inside), true, `${inside} in ${network}`);
    assert.equal(holds(outside), false, `${outside} in ${network}`);
  }
});
