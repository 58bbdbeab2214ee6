/** Address lists of header fields: From, To, Cc and their kin. RFC 5322 §3.4, §4.4; RFC 6532; RFC 6854 */
import { AddressLexer, isAtom, type AddressToken } from "./address-token.ts";
import { plainMailbox } from "./plain-mailbox.ts";
import { trimBlank } from "./header-text.ts";
import { MESSAGE_LIMITS } from "./limits.ts";

export type Mailbox = {
  readonly kind: "mailbox";
  /** Display name with quoting undone, or the comment that old mail has in its place; encoded words are kept. */
  readonly name?: string;
  /** Quoting and escapes undone. */
  readonly localPart: string;
  /** Without white space and comments; a literal with its brackets; empty where there is none. */
  readonly domain: string;
};
export type Group = { readonly kind: "group"; readonly name: string; readonly members: readonly Mailbox[] };
export type Address = Mailbox | Group;

export type AddressDefect =
  /** Not what the grammar allows; the best reading is given. */
  | "syntax"
  /** An address without `@`, or without anything before or after it. */
  | "incomplete-address"
  | "too-many-addresses"
  /** One address longer than any can be; it and what follows is not read. */
  | "address-too-long";

export type AddressList = {
  readonly addresses: readonly Address[];
  readonly defects: readonly AddressDefect[];
};

/**
 * Reads an unfolded address list. Total; linear in the length. The last `@` of an address decides its domain, so
 * `"a@b.com x"@d` belongs to d (T-09). Source routes are read and dropped.
 *
 *   address-list = (address *("," address)) / obs-addr-list
 *   address      = mailbox / group
 *   mailbox      = name-addr / addr-spec
 *   group        = display-name ":" [group-list] ";" [CFWS]
 */
export function parseAddressList(text: string): AddressList {
  const only = plainMailbox(text);
  return only === undefined ? new AddressParser(text).parse() : { addresses: [only], defects: [] };
}

/** The mailboxes of a list, those inside groups too. */
export const mailboxesOf = (addresses: readonly Address[]): readonly Mailbox[] =>
  addresses.flatMap((address) => (address.kind === "group" ? address.members : [address]));

type OpenGroup = { readonly name: string; readonly members: Mailbox[] };

class AddressParser {
  readonly #lexer: AddressLexer;
  readonly #addresses: Address[] = [];
  readonly #defects = new Set<AddressDefect>();
  #group: OpenGroup | undefined;
  #count = 0;
  /** The address being read: what stands outside angle brackets, what inside, the latest comment. */
  #words: AddressToken[] = [];
  #inside: AddressToken[] | undefined;
  #angle: "none" | "open" | "closed" = "none";
  #comment = "";

  constructor(text: string) {
    this.#lexer = new AddressLexer(text);
  }

  parse(): AddressList {
    let commented = false;
    for (let token = this.#lexer.next(); token; token = this.#lexer.next()) {
      if (token.kind === "comment") {
        if (this.#angle !== "open") this.#comment = trimBlank(token.text);
        commented = true;
        continue;
      }
      const limit = this.#limitReached();
      if (limit) {
        this.#defects.add(limit);
        this.#reset();
        break;
      }
      this.#take(commented && !token.spaced ? { ...token, spaced: true } : token);
      commented = false;
    }
    this.#finishAddress();
    if (this.#group) this.#finishGroup("syntax");
    if (this.#lexer.defective) this.#defects.add("syntax");
    return { addresses: this.#addresses, defects: [...this.#defects] };
  }

  #limitReached(): AddressDefect | undefined {
    const { addressesMax, addressTokensMax } = MESSAGE_LIMITS;
    if (this.#count >= addressesMax) return "too-many-addresses";
    const tokens = this.#words.length + (this.#inside?.length ?? 0);
    return tokens >= addressTokensMax ? "address-too-long" : undefined;
  }

  #take(token: AddressToken): void {
    if (token.kind !== "special") return this.#word(token);
    switch (token.text) {
      case ",":
        return this.#comma(token);
      case ";":
        this.#finishAddress();
        return this.#group ? this.#finishGroup() : void this.#defects.add("syntax");
      case ":":
        return this.#colon(token);
      case "<":
        return this.#openAngle();
      case ">":
        return this.#closeAngle();
      default:
        return this.#word(token);
    }
  }

  #word(token: AddressToken): void {
    if (this.#angle === "open") {
      this.#inside?.push(token);
      return;
    }
    if (this.#angle === "closed") this.#separatorMissing();
    this.#words.push(token);
  }

  /** Inside angle brackets a comma can only belong to a source route. */
  #comma(token: AddressToken): void {
    if (this.#angle === "open" && this.#inside?.[0]?.text === "@") this.#inside.push(token);
    else this.#finishAddress();
  }

  #colon(token: AddressToken): void {
    const startsGroup =
      this.#angle === "none" && !this.#group && !this.#words.some((word) => isSpecial(word, "@"));
    if (!startsGroup) return this.#word(token);
    if (this.#words.length === 0) this.#defects.add("syntax");
    this.#group = { name: phrase(this.#words), members: [] };
    this.#reset();
  }

  #openAngle(): void {
    if (this.#angle === "open") return void this.#defects.add("syntax");
    if (this.#angle === "closed") this.#separatorMissing();
    this.#angle = "open";
    this.#inside = [];
  }

  #closeAngle(): void {
    if (this.#angle === "open") this.#angle = "closed";
    else this.#defects.add("syntax");
  }

  #separatorMissing(): void {
    this.#defects.add("syntax");
    this.#finishAddress();
  }

  #finishAddress(): void {
    if (this.#angle === "open") this.#defects.add("syntax");
    if (this.#inside) {
      if (!isPhrase(this.#words)) this.#defects.add("syntax");
      this.#add(phrase(this.#words), addressOf(withoutRoute(this.#inside)));
    } else if (this.#words.length > 0) {
      this.#add(this.#comment, addressOf(this.#words));
    }
    this.#reset();
  }

  #add(name: string, address: AddressSpec): void {
    if (address.defect) this.#defects.add(address.defect);
    const shown = name === "" ? this.#comment : name;
    const { localPart, domain } = address;
    const mailbox: Mailbox = { kind: "mailbox", ...(shown === "" ? {} : { name: shown }), localPart, domain };
    (this.#group?.members ?? this.#addresses).push(mailbox);
    this.#count++;
  }

  #finishGroup(defect?: AddressDefect): void {
    if (defect) this.#defects.add(defect);
    if (this.#group) this.#addresses.push({ kind: "group", ...this.#group });
    this.#group = undefined;
    this.#count++;
  }

  #reset(): void {
    this.#words = [];
    this.#inside = undefined;
    this.#angle = "none";
    this.#comment = "";
  }
}

const isSpecial = (token: AddressToken | undefined, char: string): boolean =>
  token?.kind === "special" && token.text === char;

const isWord = (token: AddressToken | undefined): boolean =>
  token?.kind === "atom" || token?.kind === "quoted";

/** obs-phrase = word *(word / "." / CFWS) */
const isPhrase = (tokens: readonly AddressToken[]): boolean =>
  tokens.length === 0 ||
  (isWord(tokens[0]) && tokens.every((token) => isWord(token) || isSpecial(token, ".")));

function phrase(tokens: readonly AddressToken[]): string {
  let text = "";
  for (const token of tokens) text += token.spaced && text !== "" ? ` ${token.text}` : token.text;
  return text;
}

/** obs-route = *(CFWS / ",") "@" domain *("," [CFWS] ["@" domain]) ":" */
function withoutRoute(tokens: readonly AddressToken[]): readonly AddressToken[] {
  if (!isSpecial(tokens[0], "@")) return tokens;
  const colon = tokens.findIndex((token) => isSpecial(token, ":"));
  return colon < 0 ? tokens : tokens.slice(colon + 1);
}

type AddressSpec = { readonly localPart: string; readonly domain: string; readonly defect?: AddressDefect };

/** addr-spec = local-part "@" domain */
function addressOf(tokens: readonly AddressToken[]): AddressSpec {
  const at = tokens.findLastIndex((token) => isSpecial(token, "@"));
  const local = at < 0 ? tokens : tokens.slice(0, at);
  const domain = at < 0 ? [] : readDomain(tokens.slice(at + 1));
  const spec = { localPart: phrase(compact(local)), domain: domain.map((token) => token.text).join("") };
  if (local.length === 0 || domain.length === 0) return { ...spec, defect: "incomplete-address" };
  const whole = isDotted(local) && at + 1 + domain.length === tokens.length;
  return whole ? spec : { ...spec, defect: "syntax" };
}

/** White space around dots means nothing; between words it is an error whose words stay apart. */
const compact = (tokens: readonly AddressToken[]): readonly AddressToken[] =>
  tokens.map((token, i) =>
    isSpecial(token, ".") || isSpecial(tokens[i - 1], ".") ? { ...token, spaced: false } : token,
  );

/** obs-local-part = word *("." word) */
const isDotted = (tokens: readonly AddressToken[]): boolean =>
  tokens.length % 2 === 1 &&
  tokens.every((token, i) => (i % 2 === 0 ? isWord(token) : isSpecial(token, ".")));

/** The longest start of the tokens that is a domain: obs-domain = atom *("." atom), or one literal. */
function readDomain(tokens: readonly AddressToken[]): readonly AddressToken[] {
  if (tokens[0]?.kind === "literal") return tokens.slice(0, 1);
  let end = 0;
  while (tokens[end]?.kind === "atom" && (end === 0 || isSpecial(tokens[end - 1], "."))) end += 2;
  return tokens.slice(0, Math.max(0, end - 1));
}

/** Writes a list that parses to the same addresses, on one line; controls become spaces. RFC 5322 §3.4 */
export function formatAddressList(addresses: readonly Address[]): string {
  return addresses.map((address) => formatAddress(address, formatPhrase)).join(", ");
}

/** Writes one address; `name` decides how a display name is written (quoted, or as encoded words). */
export function formatAddress(address: Address, name: (text: string) => string): string {
  if (address.kind === "mailbox") return formatMailbox(address, name);
  const members = address.members.map((member) => formatMailbox(member, name)).join(", ");
  return members === "" ? `${name(address.name)}:;` : `${name(address.name)}: ${members};`;
}

function formatMailbox(mailbox: Mailbox, name: (text: string) => string): string {
  const address = formatAddrSpec(mailbox);
  if (mailbox.name !== undefined && mailbox.name !== "") return `${name(mailbox.name)} <${address}>`;
  return address === "" ? "<>" : address;
}

/** local-part "@" domain, quoted where needed; empty where both are. RFC 5322 §3.4.1 */
export function formatAddrSpec({ localPart, domain }: Pick<Mailbox, "localPart" | "domain">): string {
  if (domain === "") return localPart === "" ? "" : formatLocalPart(localPart);
  return `${formatLocalPart(localPart)}@${formatDomain(domain)}`;
}

/** dot-atom where it is one, else a quoted string. */
export const formatLocalPart = (text: string): string =>
  text.split(".").every(isAtomText) ? text : quote(text);

/** A display name: words where they are atoms, else a quoted string. */
export const formatPhrase = (text: string): string =>
  text.split(" ").every(isAtomText) ? text : quote(text);

function isAtomText(text: string): boolean {
  if (text === "") return false;
  for (let i = 0; i < text.length; i++) if (!isAtom(text.charCodeAt(i))) return false;
  return true;
}

const quote = (text: string): string => `"${plain(text).replace(/["\\]/g, "\\$&")}"`;

const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f]/g, " ");

function formatDomain(domain: string): string {
  if (!domain.startsWith("[")) return domain.replace(/[\u0000- "(),:;<>@[\\\]\u007f]/g, "");
  const inner = domain.slice(1, domain.endsWith("]") ? -1 : undefined);
  return `[${plain(inner).replace(/[[\\\]]/g, "\\$&")}]`;
}
