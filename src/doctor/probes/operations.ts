import { failure, fine, unknown, warning, type Finding } from "../finding.ts";
import { certificateDays, DOCTOR_LIMITS } from "../limits.ts";
import { CANARY_HOPS, flown_ms, type CanaryState } from "../canary-state.ts";
import type { OwnServerFacts } from "../own-server.ts";
import type { ScheduleState } from "../schedule-state.ts";
import type { OwnTarget, Probe } from "../probe.ts";
import { pendingUpdate } from "../../upgrade/update-state.ts";
import { phrase } from "../words/phrase.ts";
import { seen, seenReason, verbatim, type Seen } from "../words/seen.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What only the machine itself can tell. */
export const operations: Probe<OwnTarget> = {
  id: "operations",
  title: phrase("Operations", "Betrieb"),
  source: "DESIGN §7, D-49, T-56",
  checks: [
    "disk-free",
    "data-mode",
    "secret-files",
    "queue-age",
    "backup-age",
    "backup-drill",
    "certificate-file",
    "settings",
    "spf-alone",
    "settings-tried",
    "role-mail",
    "password-age",
    "node-version",
    "clock",
    "resolver",
    "self-examination",
    "canary",
    "update-state",
  ],
  // Where there was none yet, there is none to judge.
  applies(check, { schedule, canary: mail, drill: restored, settingsTried: known, updates }) {
    if (check === "settings-tried") return known !== undefined;
    if (check === "self-examination") return schedule !== undefined;
    if (check === "update-state") return updates !== undefined;
    if (check === "canary") return mail !== undefined;
    return check !== "backup-drill" || restored !== undefined;
  },
  run(facts, net) {
    const now_ms = net.clock.now();
    return Promise.resolve([
      disk(facts),
      mode(facts),
      secretFiles(facts),
      queue(facts),
      backup(facts),
      ...drill(facts),
      certificate(facts, now_ms),
      settings(facts),
      spfAlone(facts),
      ...tried(facts),
      roles(facts),
      passwords(facts),
      node(facts),
      clock(facts, now_ms),
      resolver(facts),
      ...(facts.schedule === undefined ? [] : [selfExamination(facts, facts.schedule, now_ms)]),
      ...(facts.canary === undefined ? [] : [canary(facts, facts.canary, now_ms)]),
      ...(facts.updates === undefined ? [] : [update(facts.hostName, facts.updates)]),
    ]);
  },
};

function disk({ hostName, data, disk: space }: OwnServerFacts): Finding {
  if (space === undefined) return unknown("disk-free", hostName, data, "own-unknown", { what: data });
  const [free, min] = [space.free_percent.toFixed(0), String(space.min_percent)];
  const values = { free, min, data };
  const evidence = seen("percent-free", { free });
  if (space.free_percent < space.min_percent)
    return failure("disk-free", hostName, evidence, "disk-low", values);
  return space.free_percent < 2 * space.min_percent
    ? warning("disk-free", hostName, evidence, "disk-low", values)
    : fine("disk-free", hostName, evidence);
}

function mode({ hostName, data, dataMode }: OwnServerFacts): Finding {
  if (dataMode === undefined) return unknown("data-mode", hostName, data, "own-unknown", { what: data });
  const shown = dataMode.toString(8).padStart(4, "0");
  return (dataMode & 0o077) === 0
    ? fine("data-mode", hostName, verbatim(data, shown))
    : failure("data-mode", hostName, verbatim(data, shown), "data-open", { data, mode: shown });
}

function secretFiles({ hostName, secretFiles: files }: OwnServerFacts): Finding {
  const open = files.filter(({ mode: bits }) => (bits & 0o077) !== 0);
  const shown = (some: typeof files): string =>
    some.map(({ file, mode: bits }) => `${file} ${bits.toString(8).padStart(4, "0")}`).join(", ");
  return open.length === 0
    ? fine("secret-files", hostName, files.length === 0 ? seen("none-outside") : shown(files))
    : failure("secret-files", hostName, shown(open), "secrets-open", {
        files: shown(open),
        names: open.map(({ file }) => file).join(" "),
      });
}

function queue({ hostName, queue: waiting }: OwnServerFacts): Finding {
  if (waiting === undefined) return unknown("queue-age", hostName, "", "own-unknown", { what: "queue" });
  const hours = (waiting.oldest_ms / HOUR_MS).toFixed(0);
  const values = { length: String(waiting.length), hours };
  const evidence = seen("waiting", { count: values.length, hours });
  if (waiting.oldest_ms >= DOCTOR_LIMITS.queueAgeFail_ms)
    return failure("queue-age", hostName, evidence, "queue-old", values);
  return waiting.oldest_ms >= DOCTOR_LIMITS.queueAgeWarn_ms
    ? warning("queue-age", hostName, evidence, "queue-old", values)
    : fine("queue-age", hostName, evidence);
}

function backup({
  hostName,
  backup_ms: age_ms,
  backupEvery_ms: every_ms,
  noBackup,
}: OwnServerFacts): Finding {
  if (noBackup !== undefined)
    return failure("backup-age", hostName, verbatim(noBackup.directory), "backup-none", noBackup);
  if (age_ms === undefined) return unknown("backup-age", hostName, "", "backup-unknown");
  const hours = (age_ms / HOUR_MS).toFixed(0);
  const late_ms =
    every_ms === undefined ? DOCTOR_LIMITS.backupAgeWarn_ms : every_ms + DOCTOR_LIMITS.backupLate_ms;
  const lost_ms = Math.max(DOCTOR_LIMITS.backupAgeFail_ms, 2 * (every_ms ?? 0));
  if (age_ms >= lost_ms)
    return failure("backup-age", hostName, seen("hours", { hours }), "backup-old", { hours });
  return age_ms >= late_ms
    ? warning("backup-age", hostName, seen("hours", { hours }), "backup-old", { hours })
    : fine("backup-age", hostName, seen("hours", { hours }));
}

function drill({ hostName, drill: last }: OwnServerFacts): readonly Finding[] {
  if (last === undefined) return [];
  const { ok: isGood, detail } = last;
  return [
    isGood
      ? fine("backup-drill", hostName, seenReason(detail))
      : failure("backup-drill", hostName, detail, "backup-drill-failed", { detail }),
  ];
}

function certificate({ hostName, certificate: file }: OwnServerFacts, now_ms: number): Finding {
  if (file === undefined)
    return unknown("certificate-file", hostName, "", "own-unknown", { what: "tls.certificate" });
  const left = Math.floor((file.notAfter_ms - now_ms) / DAY_MS);
  const until = new Date(file.notAfter_ms).toISOString().slice(0, 10);
  const evidence = seen("days-until", { days: String(left), until });
  if (left < 0) return failure("certificate-file", hostName, evidence, "cert-expired", { until });
  const limits = certificateDays((file.notAfter_ms - file.notBefore_ms) / DAY_MS);
  const values = { days: String(left) };
  if (left < limits.fail) return failure("certificate-file", hostName, evidence, "cert-soon", values);
  return left < limits.warn
    ? warning("certificate-file", hostName, evidence, "cert-soon", values)
    : fine("certificate-file", hostName, evidence);
}

function settings({ hostName, weakened }: OwnServerFacts): Finding {
  const shown = weakened.join("; ");
  return weakened.length === 0
    ? fine("settings", hostName, seen("none"))
    : warning("settings", hostName, shown, "settings-weak", { settings: shown });
}

/** Who refuses by SPF alone refuses what is forwarded to his users, unless he knows who forwards. RFC 7208 §8.4 */
function spfAlone({ hostName, spfFail: { setting, knowsForwarders } }: OwnServerFacts): Finding {
  const line = `policy.spf_fail = "${setting}"`;
  if (setting !== "reject" || knowsForwarders) return fine("spf-alone", hostName, line);
  return warning("spf-alone", hostName, line, "spf-alone-strict", { setting: line });
}

function tried({ hostName, settingsTried: passed }: OwnServerFacts): readonly Finding[] {
  if (passed === undefined) return [];
  return [
    passed
      ? fine("settings-tried", hostName, "")
      : warning("settings-tried", hostName, "", "settings-untried"),
  ];
}

/** A server nobody can complain to is soon on a list. */
function roles({ hostName, refusedRoles: refused }: OwnServerFacts): Finding {
  if (refused === undefined) return unknown("role-mail", hostName, "", "own-unknown", { what: "policy" });
  const [first] = refused;
  if (first === undefined) return fine("role-mail", hostName, seen("not-refused"));
  const addresses = refused.map(({ address }) => address).join(", ");
  const values = { addresses, address: first.address, rule: first.rule, reply: first.reply };
  return failure(
    "role-mail",
    hostName,
    verbatim(`${first.address}:`, first.reply),
    "role-mail-refused",
    values,
  );
}

function passwords({ hostName, oldPasswords: old }: OwnServerFacts): Finding {
  if (old === undefined) return unknown("password-age", hostName, "", "own-unknown", { what: "accounts" });
  const logins = old.map(({ login }) => login).join(", ");
  return old.length === 0
    ? fine("password-age", hostName, seen("none"))
    : warning("password-age", hostName, logins, "passwords-old", { count: String(old.length), logins });
}

function node({ hostName, nodeVersion: version }: OwnServerFacts): Finding {
  const min = String(DOCTOR_LIMITS.nodeMajorMin);
  return Number(version.split(".")[0]) >= DOCTOR_LIMITS.nodeMajorMin
    ? fine("node-version", hostName, version)
    : warning("node-version", hostName, version, "node-old", { version, min });
}

function resolver({ hostName, resolver: verdict }: OwnServerFacts): Finding {
  if (verdict === undefined || verdict.kind === "unknown")
    return unknown(
      "resolver",
      hostName,
      seenReason(verdict?.detail ?? "no resolver was asked"),
      "resolver-unknown",
    );
  return verdict.kind === "validates"
    ? fine("resolver", hostName, seenReason(verdict.detail))
    : failure("resolver", hostName, seenReason(verdict.detail), "resolver-blind");
}

function selfExamination({ hostName }: OwnServerFacts, last: ScheduleState, now_ms: number): Finding {
  const { full_ms, light_ms, failed_ms, outcome } = last;
  if (failed_ms > Math.max(full_ms, light_ms))
    return failure("self-examination", hostName, seenReason(outcome), "examination-died", { why: outcome });
  if (full_ms === 0) return unknown("self-examination", hostName, "", "examination-none");
  const hours = ((now_ms - full_ms) / HOUR_MS).toFixed(0);
  return now_ms - full_ms > DOCTOR_LIMITS.examinationAgeWarn_ms
    ? warning("self-examination", hostName, seen("hours", { hours }), "examination-old", { hours })
    : fine("self-examination", hostName, seen("examined", { hours, outcome }));
}

/** A feed that says nothing for days may be held back by somebody. */
function update(
  hostName: string,
  { state, version, now_ms }: NonNullable<OwnServerFacts["updates"]>,
): Finding {
  const newer = pendingUpdate(state, version);
  if (newer !== undefined) {
    const values = { version, newer: newer.version, date: newer.date };
    const evidence = seen("newer", { ...values, severity: newer.severity });
    return newer.severity === "normal"
      ? warning("update-state", hostName, evidence, "update-there", values)
      : failure("update-state", hostName, evidence, "update-security", values);
  }
  const silent_ms = now_ms - state.checked_ms;
  return silent_ms > DOCTOR_LIMITS.updateSilent_ms
    ? unknown("update-state", hostName, state.fault ?? "", "update-silent", { why: state.fault ?? "-" })
    : fine("update-state", hostName, version);
}

/** Two that are missing in a row: the server does not run, or sends none. */
function canary(
  { hostName }: OwnServerFacts,
  last: NonNullable<OwnServerFacts["canary"]>,
  now_ms: number,
): Finding {
  const age_ms = now_ms - last.at_ms;
  const hours = (age_ms / HOUR_MS).toFixed(1);
  if (last.lost !== "") return failure("canary", hostName, last.lost, "canary-lost", { lost: last.lost });
  return age_ms > 2 * last.every_ms
    ? failure("canary", hostName, seen("hours", { hours }), "canary-old", { hours })
    : fine("canary", hostName, flight(last));
}

function flight(state: CanaryState): Seen {
  const seconds = (ms: number | undefined): string => (ms === undefined ? "-" : (ms / 1000).toFixed(2));
  const hops = Object.fromEntries(CANARY_HOPS.map((hop) => [hop, seconds(state.hops_ms[hop])]));
  return seen("flight", { seconds: seconds(flown_ms(state)), ...hops });
}

/** Without a source to compare with, only a clock that is behind can be told: certificates are not made in the future. */
function clock(facts: OwnServerFacts, now_ms: number): Finding {
  const { hostName, certificate: file, clockFollows, authority } = facts;
  const now = new Date(now_ms).toISOString();
  if (file !== undefined && file.notBefore_ms > now_ms)
    return failure("clock", hostName, now, "clock-behind", {
      made: new Date(file.notBefore_ms).toISOString(),
    });
  if (authority?.offset_s !== undefined) {
    const { host, offset_s } = authority;
    const seconds = String(Math.round(Math.abs(offset_s)));
    const evidence = seen("clock-beside", { now, seconds, host });
    return Math.abs(offset_s) <= DOCTOR_LIMITS.clockOffset_s
      ? fine("clock", hostName, evidence)
      : failure("clock", hostName, evidence, "clock-off", { seconds, host });
  }
  return clockFollows === true
    ? fine("clock", hostName, seen("clock-follows", { now }))
    : unknown("clock", hostName, now, "clock-unknown");
}
