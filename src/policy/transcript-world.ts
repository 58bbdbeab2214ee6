import { asciiLower } from "../base/ascii.ts";
import type { Domain } from "../base/domain-name.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "../dns/answer.ts";
import type { ListState, World } from "./ask.ts";
import { DEFAULT_POLICY, DEFAULT_TABLES } from "./defaults.ts";
import {
  readPolicy,
  type ListName,
  type PlacedText,
  type PolicyLists,
  type PolicyTexts,
  type ReadPolicy,
} from "./policy-lists.ts";
import { DEFAULT_CODES, networksOf, type PolicySettings, type ReplyCodes } from "./settings.ts";
import { TableShelf } from "./table-shelf.ts";
import type { TableKind } from "./tables.ts";

/** `name = value`, as in main.cf. */
export const isSetting = (line: string): boolean => /^[A-Za-z0-9_]+\s*=/.test(line);

const LISTS: Readonly<Record<string, ListName>> = {
  banner_restrictions: "banner",
  smtpd_client_restrictions: "client",
  smtpd_helo_restrictions: "helo",
  smtpd_sender_restrictions: "sender",
  smtpd_relay_restrictions: "relay",
  smtpd_recipient_restrictions: "recipient",
  smtpd_data_restrictions: "data",
  smtpd_end_of_data_restrictions: "endOfData",
};
const CODES: Readonly<Record<string, keyof ReplyCodes>> = {
  unknown_client_reject_code: "unknownClient",
  invalid_hostname_reject_code: "invalidHostname",
  non_fqdn_reject_code: "nonFqdn",
  unknown_hostname_reject_code: "unknownHostname",
  unknown_address_reject_code: "unknownAddress",
  relay_domains_reject_code: "relay",
  maps_rbl_reject_code: "list",
  access_map_reject_code: "accessTable",
  access_map_defer_code: "defer",
  reject_code: "reject",
  multi_recipient_bounce_reject_code: "multiRecipientBounce",
  plaintext_reject_code: "plaintext",
};
const TABLE_KINDS: Readonly<Record<string, TableKind>> = {
  hash: "indexed",
  texthash: "indexed",
  cidr: "cidr",
  regexp: "pattern",
  pcre: "pattern",
};

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What a transcript has said so far about rules, tables, DNS and who lives here. */
export class TranscriptWorld {
  readonly #texts = new Map<ListName, PlacedText>();
  readonly #classTexts = new Map<string, PlacedText>();
  readonly #settings: Partial<Mutable<PolicySettings>> = {};
  readonly #zone = new Map<string, string[]>();
  readonly #off = new Set<string>();
  readonly #tableTexts = new Map<string, { kind: TableKind; text: string }>();
  #sites: PlacedText | undefined;
  #classes: ReadonlySet<string> = new Set();
  domains: ReadonlySet<string> = new Set(["example.org"]);
  users: ReadonlySet<string> = new Set(["you@example.org"]);
  /** Names and addresses of this server, as a HELO might hold them. */
  names: ReadonlySet<string> = new Set();
  explains = false;

  /** Takes a setting; says what is wrong with it. */
  setting(block: readonly string[]): readonly string[] {
    const [, name = "", start = ""] = /^([A-Za-z0-9_]+)\s*=(.*)$/.exec(block[0] ?? "") ?? [];
    const text = [start, ...block.slice(1)].join("\n");
    const list = LISTS[name];
    if (list !== undefined) {
      this.#texts.set(list, { text });
      return this.#findings(list);
    }
    if (this.#classes.has(name)) {
      this.#classTexts.set(name, { text });
      return this.#findings(name);
    }
    return this.#simple(name, text.trim());
  }

  #simple(name: string, value: string): readonly string[] {
    const words = value.split(/[\s,]+/).filter((word) => word !== "");
    const code = CODES[name];
    if (code !== undefined && /^[45][0-9]{2}$/.test(value)) {
      this.#settings.codes = { ...DEFAULT_CODES, ...this.#settings.codes, [code]: Number(value) };
    } else if (name === "mynetworks") this.#settings.networks = networksOf(value);
    else if (name === "inet_interfaces") this.#settings.interfaces = networksOf(value);
    else if (name === "recipient_delimiter") this.#settings.recipientDelimiter = value;
    else if (name === "domains") this.domains = new Set(words);
    else if (name === "users") this.users = new Set(words);
    else if (name === "names") this.names = new Set(words);
    else if (name === "use" && value === "defaults") this.#useDefaults();
    else if (name === "explain") this.explains = value === "yes";
    else if (name === "parent_matches_subdomains") this.#settings.parentMatchesSubdomains = value === "yes";
    else if (name === "sender_allow_needs_proof") this.#settings.senderAllowNeedsProof = value === "yes";
    else if (name === "unknown_address_tempfail_action")
      this.#settings.unknownAddressTempfail = action(value);
    else if (name === "unknown_helo_hostname_tempfail_action")
      this.#settings.unknownHeloTempfail = action(value);
    else if (name === "smtpd_restriction_classes") this.#classes = new Set(words);
    else if (name === "dnsbl_sites") {
      this.#sites = { text: value };
      return this.#findings("sites");
    } else return [`${name} is not a setting of transcripts, or its value is not one`];
    return [];
  }

  /** The rules of a fresh server, with their tables still empty. */
  #useDefaults(): void {
    const { sites, ...lists } = DEFAULT_POLICY;
    for (const list of Object.values(LISTS)) {
      const text = lists[list];
      if (text !== undefined) this.#texts.set(list, text);
    }
    this.#sites = sites;
    for (const table of DEFAULT_TABLES) this.#tableTexts.set(table, { kind: "indexed", text: "" });
  }

  /** `zone NAME TYPE DATA`, `zone NAME servfail`, `list ZONE off`, `table NAME KIND` with its lines. */
  define(words: readonly string[], rest: readonly string[]): readonly string[] {
    const [what = "", first = "", second = "", ...more] = words;
    if (what === "list") {
      if (second === "off") this.#off.add(first);
      else this.#off.delete(first);
      return [];
    }
    if (what === "zone") {
      const key = asciiLower(first);
      this.#zone.set(key, [...(this.#zone.get(key) ?? []), [second, ...more].join(" ").trim()]);
      return [];
    }
    const kind = TABLE_KINDS[second === "" ? "hash" : second];
    if (kind === undefined) return [`${second} is not a kind of table`];
    const indent = /^[ \t]*/.exec(rest[0] ?? "")?.[0].length ?? 0;
    const text = rest.map((line) => line.slice(Math.min(indent, line.search(/\S/)))).join("\n");
    const { replaced, faults } = this.#shelf().load(first, kind, text);
    if (replaced) this.#tableTexts.set(first, { kind, text });
    const kept = replaced ? [] : [`table ${first} is not replaced`];
    return [
      ...faults.map((fault) => `${first}:${fault.line}:${fault.column} ${fault.severity} ${fault.message}`),
      ...kept,
    ];
  }

  lists(): PolicyLists {
    return this.#read().lists;
  }

  world(): World {
    const shelf = this.#shelf();
    return {
      dns: this.#dns(),
      lookUp: async (table, search) => shelf.lookUp(table, search),
      listState: (zone): ListState => (this.#off.has(zone) ? "off" : "on"),
      count: async () => 0,
      now: () => 0,
    };
  }

  #read(): ReadPolicy {
    const texts: PolicyTexts = {
      ...Object.fromEntries(this.#texts),
      classes: Object.fromEntries(
        [...this.#classes].map((name) => [name, this.#classTexts.get(name) ?? { text: "" }]),
      ),
      settings: this.#settings,
      ...(this.#sites === undefined ? {} : { sites: this.#sites }),
    };
    return readPolicy(texts);
  }

  #findings(list: string): readonly string[] {
    return this.#read()
      .findings.filter((finding) => finding.list === list)
      .map(
        ({ line, column, severity, rule, message, suggestion }) =>
          `${line}:${column} ${severity}: ${rule} ${message}${suggestion === undefined ? "" : `. ${suggestion}`}`,
      );
  }

  #shelf(): TableShelf {
    const shelf = new TableShelf(this.lists().settings);
    for (const [name, { kind, text }] of this.#tableTexts) shelf.load(name, kind, text);
    return shelf;
  }

  #dns(): Dns {
    return {
      query: async <T extends RecordType>(name: Domain, type: T): Promise<DnsAnswer<RecordData[T]>> =>
        zoneAnswer(this.#zone.get(name), type),
    };
  }
}

const action = (value: string): "defer" | "defer_if_permit" =>
  value === "defer" ? "defer" : "defer_if_permit";

function zoneAnswer<T extends RecordType>(
  entries: readonly string[] | undefined,
  type: T,
): DnsAnswer<RecordData[T]> {
  const about = { ttl_s: 60, authenticated: false };
  if (entries === undefined) return { kind: "nxdomain", ...about };
  const words = entries.map((entry) => entry.split(" "));
  const failing = words.find(([kind, only]) => kind === "servfail" && (only === undefined || only === type));
  if (failing !== undefined) return { kind: "failure", reason: "servfail" };
  const records = words.filter(([kind]) => kind === type).map(([, ...data]) => recordOf(type, data));
  return records.length === 0
    ? { kind: "nodata", ...about }
    : { kind: "records", records: records as RecordData[T][], ...about };
}

function recordOf(type: RecordType, data: readonly string[]): unknown {
  if (type !== "MX") return data.join(" ");
  return { preference: Number(data[0]), exchange: data[1] === "." ? "" : (data[1] ?? "") };
}
