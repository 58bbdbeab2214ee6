import type { PolicyFacts } from "../../src/policy/facts.ts";

/** A client without a name that writes to one of us; tests say what is different. */
export const STRANGER: PolicyFacts = {
  clientAddress: "192.0.2.2",
  clientName: "unknown",
  clientNameState: "unknown",
  reverseClientName: "unknown",
  reverseClientNameState: "unknown",
  helo: "mx.example.com",
  recipient: "you@example.org",
  recipientCount: 0,
  encrypted: true,
  earlyTalk: false,
  recipientIsOurs: true,
  recipientExists: true,
  mayRelay: false,
  senderIsOurs: false,
  senderExists: true,
  senderOwner: "nobody",
};
