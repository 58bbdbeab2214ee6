import { CANARY_SENDER } from "../accounts/canary.ts";
import type { Log, LogFields, LogLevel } from "../base/log.ts";
import { WEB_LIMITS } from "./limits.ts";
import type { Labels, MetricFamily, Sample } from "./open-metrics.ts";

type Counted = {
  readonly family: string;
  /** Constants of ours only, never an address: labels are kept for ever and seen by whoever may read figures. */
  labels(fields: LogFields): Labels;
};

const HELP = {
  wachpost_messages_accepted: "Messages taken over, by who brought them.",
  wachpost_smtp_refusals: "Refusals said to SMTP clients, by the first digit of the reply and its reason.",
  wachpost_sessions: "Sessions begun, by protocol.",
  wachpost_deliveries: "Tries to deliver a queued message to a recipient, by result.",
  wachpost_logins: "Logins, by protocol and outcome.",
  wachpost_bans: "Networks banned for their conduct, by reason.",
  wachpost_web_responses: "Answers of the web door, by status.",
  wachpost_errors: "Errors in the log, by event.",
} as const;
type Family = keyof typeof HELP;

const word = (value: LogFields[string]): string => (value === undefined ? "none" : String(value));
const counted = (family: Family, labels: Counted["labels"]): Counted => ({ family, labels });
const session = (protocol: string): Counted => counted("wachpost_sessions", () => ({ protocol }));
const delivery = (result: string): Counted => counted("wachpost_deliveries", () => ({ result }));

/** What is counted of the events that are logged anyway. */
const EVENTS: ReadonlyMap<string, Counted> = new Map(
  Object.entries<Counted>({
    "message.accepted": counted("wachpost_messages_accepted", ({ login }) => ({
      from: login === undefined ? "world" : "user",
    })),
    "smtp.refused": counted("wachpost_smtp_refusals", ({ code, reason }) => ({
      class: `${word(code).slice(0, 1)}xx`,
      reason: word(reason),
    })),
    "smtp.connect": counted("wachpost_sessions", ({ profile }) => ({
      protocol: profile === "mx" ? "smtp" : word(profile),
    })),
    "imap.connect": session("imap"),
    "pop3.connect": session("pop3"),
    "delivery.sent": delivery("sent"),
    "delivery.deferred": delivery("deferred"),
    "delivery.failed": delivery("failed"),
    "login.ok": counted("wachpost_logins", ({ protocol }) => ({ protocol: word(protocol), outcome: "ok" })),
    "login.failed": counted("wachpost_logins", ({ protocol, reason }) => ({
      protocol: word(protocol),
      outcome: word(reason),
    })),
    "door.banned": counted("wachpost_bans", ({ reason }) => ({ reason: word(reason) })),
    "web.request": counted("wachpost_web_responses", ({ status }) => ({ status: word(status) })),
  }),
);

/** Counts what passes through the log, from the start of the process. */
export class Counters {
  readonly #families = new Map<string, Map<string, { labels: Labels; value: number }>>(
    Object.keys(HELP).map((family) => [family, new Map()]),
  );

  event(level: LogLevel, event: string, fields: LogFields): void {
    // The server's mail to itself is no mail.
    if (fields["from"] === CANARY_SENDER) return;
    const known = EVENTS.get(event);
    if (known !== undefined) this.#add(known.family, known.labels(fields));
    if (level === "error") this.#add("wachpost_errors", { event });
  }

  families(): readonly MetricFamily[] {
    return Object.entries(HELP).map(([name, help]) => ({
      name,
      type: "counter",
      help,
      samples: [...(this.#families.get(name)?.values() ?? [])].map(({ labels, value }): Sample => ({
        labels,
        value,
      })),
    }));
  }

  /** However many reasons there come to be, memory stays flat. */
  #add(family: string, labels: Labels): void {
    const series = this.#families.get(family) ?? new Map<string, { labels: Labels; value: number }>();
    const key = keyOf(labels);
    const known = series.get(key);
    if (known !== undefined) return void known.value++;
    if (series.size >= WEB_LIMITS.seriesPerCounter) {
      const others = Object.fromEntries(Object.keys(labels).map((name) => [name, "other"]));
      const rest = series.get("other") ?? { labels: others, value: 0 };
      series.set("other", { ...rest, value: rest.value + 1 });
    } else series.set(key, { labels, value: 1 });
  }
}

/** Most have one label, whose value is its key as it is; a text put together is one more to hash. */
function keyOf(labels: Labels): string {
  const values = Object.values(labels);
  return values.length === 1 ? (values[0] ?? "") : values.join("\0");
}

/** The same log, counted on the way; also what its level keeps out of the file. */
export const countedLog = (log: Log, counters: Counters): Log => ({
  write(level, event, fields) {
    counters.event(level, event, fields);
    log.write(level, event, fields);
  },
  with: (fields) => countedLog(log.with(fields), counters),
});
