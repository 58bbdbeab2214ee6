import type { Clock } from "../base/clock.ts";
import { err } from "../base/result.ts";
import type { Dns } from "../dns/answer.ts";
import type { Net, Visit } from "./probe.ts";

/** The same net until `over`: then every visit and every wait ends, and nothing new begins. A probe that was given up leaves nothing running. */
export function netUntil(net: Net, over: AbortSignal): Net {
  const visits = new Set<Visit>();
  over.addEventListener("abort", () => visits.forEach((visit) => visit[Symbol.dispose]()), { once: true });
  return {
    ...net,
    dns: dnsUntil(net.dns, over),
    dnsAt: (address) => dnsUntil(net.dnsAt(address), over),
    clock: clockUntil(net.clock, over),
    policyOf: (domain, signal) => net.policyOf(domain, bothOf(signal, over)),
    async connect(host) {
      if (over.aborted) return err(OVER);
      const connected = await net.connect(host);
      if (!connected.ok) return connected;
      visits.add(connected.value);
      // The time may have run out meanwhile.
      if (!over.aborted) return connected;
      connected.value[Symbol.dispose]();
      return err(OVER);
    },
  };
}

const OVER = "no answer in time";

const bothOf = (one: AbortSignal | undefined, over: AbortSignal): AbortSignal =>
  one === undefined ? over : AbortSignal.any([one, over]);

const dnsUntil = (dns: Dns, over: AbortSignal): Dns => ({
  ...dns,
  query: (name, type, signal) => dns.query(name, type, bothOf(signal, over)),
});

const clockUntil = (clock: Clock, over: AbortSignal): Clock => ({
  now: () => clock.now(),
  sleep: (duration_ms, signal) => clock.sleep(duration_ms, bothOf(signal, over)),
});
