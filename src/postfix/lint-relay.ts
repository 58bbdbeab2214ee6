import { parseCidr } from "../base/ip.ts";
import type { PostfixConfiguration } from "./configuration.ts";
import { formatCidr } from "./importing.ts";
import { isWide } from "./import-listeners.ts";
import { placeOf, type Report } from "./lint-finding.ts";
import { readRestrictions, type Restriction } from "./restrictions.ts";

/** Ways by which strangers could send through this server (S-31, S-35, S-37). `postfix` is what one service sees. */
export function lintRelay(postfix: PostfixConfiguration, report: Report): void {
  lintRelayLists(postfix, report);
  lintNetworks(postfix, report);
  for (const { text } of postfix.list("relay_domains")) {
    if (text !== "*" && text !== "static:all") continue;
    report({
      word: "relay-domains-everything",
      values: { value: text },
      severity: "danger",
      ...placeOf(postfix.main, postfix.setting("relay_domains")),
    });
  }
  lintUnknownRecipients(postfix, report);
}

const CLOSING = new Set(["reject_unauth_destination", "defer_unauth_destination", "reject", "defer"]);
type Walk = "closed" | "open" | "falls-through";

/** What the list does with a stranger's mail to a foreign domain. */
function walk(rules: readonly Restriction[]): Walk {
  for (const { name, shadow } of rules) {
    if (shadow) continue;
    if (CLOSING.has(name)) return "closed";
    if (name === "permit") return "open";
  }
  return "falls-through";
}

function lintRelayLists(postfix: PostfixConfiguration, report: Report): void {
  const relay = readRestrictions(postfix, "smtpd_relay_restrictions");
  const recipient = readRestrictions(postfix, "smtpd_recipient_restrictions");
  const place = placeOf(
    postfix.main,
    postfix.setting("smtpd_relay_restrictions") ?? postfix.setting("smtpd_recipient_restrictions"),
  );
  if (walk(relay) !== "closed" && walk(recipient) !== "closed") {
    report({
      word: "open-relay",
      severity: "danger",
      ...place,
    });
  }
  const list = walk(relay) === "closed" ? relay : recipient;
  for (const rule of list) {
    if (CLOSING.has(rule.name)) break;
    const risky = rule.name.startsWith("check_") && rule.name !== "check_sasl_access";
    if (!risky && rule.name !== "permit_mx_backup") continue;
    report({
      word: rule.name === "permit_mx_backup" ? "permit-mx-backup" : "table-before-relay-control",
      severity: "warning",
      values: { rule: rule.name },
      ...place,
      line: rule.line || place.line,
    });
  }
}

function lintNetworks(postfix: PostfixConfiguration, report: Report): void {
  const setting = postfix.setting("mynetworks");
  if (setting === undefined) {
    const style = postfix.value("mynetworks_style");
    if (style !== "subnet" && style !== "class") return;
    return report({
      word: "mynetworks-neighbours",
      values: { style },
      severity: "warning",
      ...placeOf(postfix.main, postfix.setting("mynetworks_style")),
    });
  }
  for (const { text, line } of postfix.list("mynetworks")) {
    const cidr = parseCidr(text.replace(/^\[([^\]]*)\]/, "$1"));
    if (
      text === "static:all" ||
      (cidr !== undefined && isWide(cidr) && !/^\[?(?:127\.|::ffff:127\.)/.test(text))
    ) {
      const all = cidr === undefined || cidr.prefix_bits < (cidr.address.family === 4 ? 8 : 16);
      report({
        word: all ? "mynetworks-all" : "mynetworks-wide",
        values: { network: cidr === undefined ? text : formatCidr(cidr) },
        severity: all ? "danger" : "warning",
        ...placeOf(postfix.main, setting),
        line,
      });
    }
  }
}

function lintUnknownRecipients(postfix: PostfixConfiguration, report: Report): void {
  for (const name of ["local_recipient_maps", "luser_relay"]) {
    const setting = postfix.setting(name);
    const empty = name === "local_recipient_maps" && setting?.value === "";
    const taken = name === "luser_relay" && (setting?.value ?? "") !== "";
    if (!empty && !taken) continue;
    report({
      word: empty ? "recipient-maps-empty" : "luser-relay",
      severity: "warning",
      ...placeOf(postfix.main, setting),
    });
  }
}
