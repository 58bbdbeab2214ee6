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
      id: "relay-domains-everything",
      severity: "danger",
      ...placeOf(postfix.main, postfix.setting("relay_domains")),
      what: `relay_domains = ${text} makes every domain a destination`,
      why: "reject_unauth_destination and permit_auth_destination then let everything through: an open relay",
      remedy: "name the domains, or leave relay_domains empty",
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
      id: "open-relay",
      severity: "danger",
      ...place,
      what: "neither smtpd_relay_restrictions nor smtpd_recipient_restrictions refuses strangers' mail to foreign domains",
      why: "anyone can send to anyone through this server; it will be listed within days",
      remedy:
        "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination",
    });
  }
  const list = walk(relay) === "closed" ? relay : recipient;
  for (const rule of list) {
    if (CLOSING.has(rule.name)) break;
    const risky = rule.name.startsWith("check_") && rule.name !== "check_sasl_access";
    if (!risky && rule.name !== "permit_mx_backup") continue;
    report({
      id: rule.name === "permit_mx_backup" ? "permit-mx-backup" : "table-before-relay-control",
      severity: "warning",
      ...place,
      line: rule.line || place.line,
      what: `${rule.name} stands before the refusal of foreign destinations`,
      why:
        rule.name === "permit_mx_backup"
          ? "whoever points an MX at this server can relay through it"
          : "an OK in it lets that client or sender relay anywhere; sender addresses are forged at will",
      remedy: "put it behind reject_unauth_destination",
    });
  }
}

function lintNetworks(postfix: PostfixConfiguration, report: Report): void {
  const setting = postfix.setting("mynetworks");
  if (setting === undefined) {
    const style = postfix.value("mynetworks_style");
    if (style !== "subnet" && style !== "class") return;
    return report({
      id: "mynetworks-neighbours",
      severity: "warning",
      ...placeOf(postfix.main, postfix.setting("mynetworks_style")),
      what: `mynetworks_style is ${style}`,
      why: "every machine of the same network may relay; at a hoster these are strangers",
      remedy: "mynetworks_style = host",
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
        id: "mynetworks-wide",
        severity: all ? "danger" : "warning",
        ...placeOf(postfix.main, setting),
        line,
        what: `mynetworks trusts ${cidr === undefined ? text : formatCidr(cidr)}`,
        why: all
          ? "every address there may relay without login: an open relay"
          : "one infected machine among so many sends in your name; behind a container's proxy every client may seem to come from there",
        remedy: "name single machines, and let people log in",
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
      id: "unknown-recipients-accepted",
      severity: "warning",
      ...placeOf(postfix.main, setting),
      what: empty ? "local_recipient_maps is empty" : "luser_relay takes mail for unknown users",
      why: "mail to names nobody has is accepted; what cannot be delivered goes back to forged senders (backscatter, S-50)",
      remedy: empty
        ? "remove the line, so that unknown recipients are refused at RCPT"
        : "remove luser_relay",
    });
  }
}
