import { entriesOf, present } from "../machine-files.ts";
import { bad, good, warned, type PreflightCheck } from "./finding.ts";

/** Programs that take or serve mail: where Debian and Red Hat put them, and the units they start from (S-05). */
const KNOWN: readonly {
  readonly name: string;
  readonly files: readonly string[];
  readonly units: readonly string[];
}[] = [
  { name: "Postfix", files: ["/usr/sbin/postfix"], units: ["postfix.service"] },
  { name: "Exim", files: ["/usr/sbin/exim4", "/usr/sbin/exim"], units: ["exim4.service", "exim.service"] },
  {
    name: "Sendmail",
    files: ["/usr/libexec/sendmail/sendmail", "/usr/sbin/sendmail.sendmail"],
    units: ["sendmail.service"],
  },
  { name: "OpenSMTPD", files: ["/usr/sbin/smtpd"], units: ["opensmtpd.service", "smtpd.service"] },
  { name: "Dovecot", files: ["/usr/sbin/dovecot"], units: ["dovecot.service", "dovecot.socket"] },
  {
    name: "Cyrus",
    files: ["/usr/sbin/cyrmaster", "/usr/lib/cyrus/bin/master"],
    units: ["cyrus-imapd.service"],
  },
  {
    name: "Courier",
    files: ["/usr/sbin/courier", "/usr/sbin/courierd"],
    units: ["courier.service", "courier-imap.service"],
  },
  { name: "qmail", files: ["/var/qmail/bin/qmail-send"], units: ["qmail.service"] },
];
const WANTS = "/etc/systemd/system";

export const softwareCheck: PreflightCheck = async () => {
  const enabled = new Set<string>();
  for (const target of (await entriesOf(WANTS)).filter((name) => name.endsWith(".wants")))
    for (const unit of await entriesOf(`${WANTS}/${target}`)) enabled.add(unit);
  const found = KNOWN.map(({ name, files, units }) => ({
    name,
    there: present(files).length > 0,
    units: units.filter((unit) => enabled.has(unit)),
  })).filter(({ there }) => there);
  const starting = found.filter(({ units }) => units.length > 0);
  const namesOf = (some: readonly { readonly name: string }[]): string =>
    some.map(({ name }) => name).join(", ");
  if (starting.length > 0)
    return [
      bad("software", namesOf(starting), "software-enabled", {
        names: namesOf(starting),
        units: starting.flatMap(({ units }) => units).join(" "),
      }),
    ];
  return found.length === 0
    ? [good("software", "-")]
    : [warned("software", namesOf(found), "software-there", { names: namesOf(found) })];
};
