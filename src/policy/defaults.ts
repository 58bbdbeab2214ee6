import {
  DEFAULT_JUNK_SCORE,
  DEFAULT_LINK_LISTS,
  DEFAULT_REJECT_SCORE,
  DEFAULT_SITES,
} from "./default-lists.ts";
import type { PolicyTexts } from "./policy-lists.ts";

/**
 * The rules of a fresh server: only what refuses no honest mail. One list alone refuses exploited machines and hijacked
 * networks; the rest adds up (D-05). What might hit careless but honest servers runs in shadow and shows in the journal.
 */
export const DEFAULT_POLICY: PolicyTexts = {
  client: {
    text: `
      permit_mynetworks,
      permit_sasl_authenticated,
      check_client_access table:clients,
      warn_if_reject reject_unknown_reverse_client_hostname`,
  },
  helo: {
    text: `
      permit_mynetworks,
      permit_sasl_authenticated,
      check_helo_access table:helos,
      reject_own_helo_hostname,
      reject_invalid_helo_hostname,
      reject_non_fqdn_helo_hostname,
      warn_if_reject reject_unknown_helo_hostname`,
  },
  sender: {
    text: `
      permit_mynetworks,
      reject_non_fqdn_sender,
      permit_sasl_authenticated,
      check_sender_access table:senders,
      reject_unknown_sender_domain,
      reject_unlisted_sender`,
  },
  recipient: {
    text: `
      permit_mynetworks,
      reject_non_fqdn_recipient,
      permit_sasl_authenticated,
      check_recipient_access table:recipients,
      reject_unlisted_recipient,
      reject_multi_recipient_bounce,
      check_client_access table:clients,
      check_sender_access table:senders,
      reject_dnsbl_score ${DEFAULT_REJECT_SCORE},
      tag_dnsbl_score ${DEFAULT_JUNK_SCORE},
      greylist_suspicious`,
  },
  data: { text: "reject_unauth_pipelining, permit_mynetworks, reject_multi_recipient_bounce" },
  // A link says less about a sender than his address: such mail is filed as junk, never refused (S-70).
  endOfData: {
    text: `
      permit_mynetworks,
      permit_sasl_authenticated,
      check_client_access table:clients,
      ${DEFAULT_LINK_LISTS.map((list) => `tag_rhsbl_body ${list}`).join(",\n      ")}`,
  },
  sites: { text: DEFAULT_SITES },
};

/** Tables that the default rules name; empty on a fresh server, edited by the operator. */
export const DEFAULT_TABLES = ["clients", "helos", "senders", "recipients", "links"] as const;
