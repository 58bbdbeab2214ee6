import { asciiLower } from "../base/ascii.ts";
import type { Judged } from "./contract.ts";
import type { Command } from "./evaluate.ts";
import type { NameState, PolicyFacts } from "./facts.ts";
import { domainOf } from "./host-name.ts";
import { linkText } from "./link-names.ts";
import type { TranscriptWorld } from "./transcript-world.ts";

type Said =
  | { readonly kind: "nothing" }
  | { readonly kind: "wrong"; readonly message: string }
  | { readonly kind: "judge"; readonly command: Command };

type Client = {
  address: string;
  name: string;
  nameState: NameState;
  reverseName: string;
  reverseState: NameState;
};

/** What the client of a transcript has said; a new `client` line is a new session. */
export class TranscriptSession {
  readonly #world: TranscriptWorld;
  #client: Client = unnamed("192.0.2.1");
  #helo: string | undefined;
  #sender: string | undefined;
  #spf: NonNullable<PolicyFacts["spf"]> | undefined;
  #recipient: string | undefined;
  #recipients = 0;
  #login: string | undefined;
  #encrypted = false;
  #early = false;
  #linkHosts: string | undefined;

  constructor(world: TranscriptWorld) {
    this.#world = world;
  }

  /** Takes one command line. */
  say(words: readonly string[]): Said {
    const [verb = "", argument = "", ...more] = words;
    switch (verb) {
      case "client":
        this.#newClient(argument, more);
        return { kind: "judge", command: "connect" };
      case "login":
        this.#login = argument === "" ? undefined : argument;
        return { kind: "nothing" };
      case "tls":
        this.#encrypted = argument === "on";
        return { kind: "nothing" };
      case "early":
        this.#early = argument === "on";
        return { kind: "nothing" };
      case "helo":
        this.#helo = argument;
        return { kind: "nothing" };
      case "mail":
        this.#newMail(argument, more);
        return { kind: "nothing" };
      case "rcpt":
        this.#recipient = bare(argument);
        return { kind: "judge", command: "rcpt" };
      case "links":
        this.#linkHosts = linkText(words.slice(1));
        return { kind: "nothing" };
      case "data":
        // Rules at DATA see a recipient only where there is one.
        if (this.#recipients > 1) this.#recipient = undefined;
        return { kind: "judge", command: "data" };
      case "end":
        return { kind: "judge", command: "message" };
      default:
        return { kind: "wrong", message: `${verb} is not a word of transcripts` };
    }
  }

  judged(command: Command, judged: Judged): void {
    if (command === "rcpt" && judged.decision === "permit") this.#recipients++;
  }

  facts(): PolicyFacts {
    const client = this.#client;
    const recipient = this.#recipient;
    const known = { ...this.#said(), ...this.#senderFacts(), ...this.#recipientFacts(recipient) };
    return {
      ...known,
      clientAddress: client.address,
      clientName: client.name,
      clientNameState: client.nameState,
      reverseClientName: client.reverseName,
      reverseClientNameState: client.reverseState,
      ...(recipient === undefined ? {} : { recipient }),
      ...(this.#linkHosts === undefined ? {} : { linkHosts: this.#linkHosts }),
      recipientCount: this.#recipients,
      encrypted: this.#encrypted,
      earlyTalk: this.#early,
      mayRelay: this.#login !== undefined,
    };
  }

  #said(): Pick<PolicyFacts, "helo" | "heloIsOurs" | "login" | "spf"> {
    return {
      heloIsOurs: this.#helo !== undefined && this.#world.names.has(asciiLower(this.#helo)),
      ...(this.#helo === undefined ? {} : { helo: this.#helo }),
      ...(this.#login === undefined ? {} : { login: this.#login }),
      ...(this.#spf === undefined ? {} : { spf: this.#spf }),
    };
  }

  #senderFacts(): Pick<PolicyFacts, "sender" | "senderIsOurs" | "senderExists" | "senderOwner"> {
    const sender = this.#sender;
    const ours = sender !== undefined && this.#isOurs(sender);
    const exists = sender === undefined || !ours || this.#isUser(sender);
    const owned = sender !== undefined && this.#isUser(sender);
    const senderOwner = !owned ? "nobody" : asciiLower(sender) === this.#login ? "login" : "other";
    return {
      ...(sender === undefined ? {} : { sender }),
      senderIsOurs: ours,
      senderExists: exists,
      senderOwner,
    };
  }

  #recipientFacts(recipient: string | undefined): Pick<PolicyFacts, "recipientIsOurs" | "recipientExists"> {
    const ours = recipient !== undefined && this.#isOurs(recipient);
    return {
      recipientIsOurs: ours,
      recipientExists: recipient === undefined || !ours || this.#isUser(recipient),
    };
  }

  #isOurs(address: string): boolean {
    const routed = /[%!@]/.test(address.slice(0, Math.max(0, address.lastIndexOf("@"))));
    if (asciiLower(address) === "postmaster") return true;
    return !routed && this.#world.domains.has(asciiLower(domainOf(address)));
  }

  #isUser(address: string): boolean {
    const { users } = this.#world;
    return users.has(asciiLower(address)) || users.has(`*@${asciiLower(domainOf(address))}`);
  }

  #newClient(address: string, more: readonly string[]): void {
    const option = (name: string): string | undefined =>
      more.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
    const name = more.find((word) => !word.includes("="));
    this.#client = name === undefined || name === "unknown" ? unnamed(address) : named(address, name);
    const reverse = option("reverse");
    if (reverse !== undefined) this.#client = { ...this.#client, reverseName: reverse, reverseState: "ok" };
    if (option("state") === "tempfail")
      this.#client = { ...unnamed(address), nameState: "tempfail", reverseState: "tempfail" };
    this.#helo = undefined;
    this.#login = undefined;
    this.#encrypted = false;
    this.#early = false;
    this.#newMail(undefined, []);
  }

  #newMail(sender: string | undefined, more: readonly string[]): void {
    this.#sender = sender === undefined ? undefined : bare(sender);
    this.#spf = more.find((word) => word.startsWith("spf="))?.slice(4) as
      | NonNullable<PolicyFacts["spf"]>
      | undefined;
    this.#recipient = undefined;
    this.#recipients = 0;
    this.#linkHosts = undefined;
  }
}

const bare = (path: string): string => path.replace(/^<(.*)>$/, "$1");

const unnamed = (address: string): Client => ({
  address,
  name: "unknown",
  nameState: "unknown",
  reverseName: "unknown",
  reverseState: "unknown",
});

const named = (address: string, name: string): Client => ({
  address,
  name,
  nameState: "ok",
  reverseName: name,
  reverseState: "ok",
});
