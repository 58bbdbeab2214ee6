import { checkClientAAccess } from "./checks/check-client-a-access.ts";
import { checkClientAccess } from "./checks/check-client-access.ts";
import { checkClientMxAccess } from "./checks/check-client-mx-access.ts";
import { checkClientNsAccess } from "./checks/check-client-ns-access.ts";
import { checkHeloAAccess } from "./checks/check-helo-a-access.ts";
import { checkHeloAccess } from "./checks/check-helo-access.ts";
import { checkHeloMxAccess } from "./checks/check-helo-mx-access.ts";
import { checkHeloNsAccess } from "./checks/check-helo-ns-access.ts";
import { checkRecipientAAccess } from "./checks/check-recipient-a-access.ts";
import { checkRecipientAccess } from "./checks/check-recipient-access.ts";
import { checkRecipientMxAccess } from "./checks/check-recipient-mx-access.ts";
import { checkRecipientNsAccess } from "./checks/check-recipient-ns-access.ts";
import { checkReverseClientHostnameAAccess } from "./checks/check-reverse-client-hostname-a-access.ts";
import { checkReverseClientHostnameAccess } from "./checks/check-reverse-client-hostname-access.ts";
import { checkReverseClientHostnameMxAccess } from "./checks/check-reverse-client-hostname-mx-access.ts";
import { checkReverseClientHostnameNsAccess } from "./checks/check-reverse-client-hostname-ns-access.ts";
import { checkSaslAccess } from "./checks/check-sasl-access.ts";
import { checkSenderAAccess } from "./checks/check-sender-a-access.ts";
import { checkSenderAccess } from "./checks/check-sender-access.ts";
import { checkSenderMxAccess } from "./checks/check-sender-mx-access.ts";
import { checkSenderNsAccess } from "./checks/check-sender-ns-access.ts";
import { deferRule } from "./checks/defer.ts";
import { deferIfPermitRule } from "./checks/defer-if-permit.ts";
import { deferIfRejectRule } from "./checks/defer-if-reject.ts";
import { deferUnauthDestination } from "./checks/defer-unauth-destination.ts";
import { dunnoRule } from "./checks/dunno.ts";
import { greylistSuspicious } from "./checks/greylist-suspicious.ts";
import { permitRule } from "./checks/permit.ts";
import { permitAuthDestination } from "./checks/permit-auth-destination.ts";
import { permitDnswlClient } from "./checks/permit-dnswl-client.ts";
import { permitInetInterfaces } from "./checks/permit-inet-interfaces.ts";
import { permitMynetworks } from "./checks/permit-mynetworks.ts";
import { permitRhswlClient } from "./checks/permit-rhswl-client.ts";
import { permitSaslAuthenticated } from "./checks/permit-sasl-authenticated.ts";
import { rejectRule } from "./checks/reject.ts";
import { rejectAuthenticatedSenderLoginMismatch } from "./checks/reject-authenticated-sender-login-mismatch.ts";
import { rejectDnsblScore } from "./checks/reject-dnsbl-score.ts";
import { rejectInvalidHeloHostname } from "./checks/reject-invalid-helo-hostname.ts";
import { rejectKnownSenderLoginMismatch } from "./checks/reject-known-sender-login-mismatch.ts";
import { rejectMultiRecipientBounce } from "./checks/reject-multi-recipient-bounce.ts";
import { rejectNonFqdnHeloHostname } from "./checks/reject-non-fqdn-helo-hostname.ts";
import { rejectNonFqdnRecipient } from "./checks/reject-non-fqdn-recipient.ts";
import { rejectNonFqdnSender } from "./checks/reject-non-fqdn-sender.ts";
import { rejectOwnHeloHostname } from "./checks/reject-own-helo-hostname.ts";
import { rejectPlaintextSession } from "./checks/reject-plaintext-session.ts";
import { rejectRblClient } from "./checks/reject-rbl-client.ts";
import { rejectRhsblBody } from "./checks/reject-rhsbl-body.ts";
import { rejectRhsblClient } from "./checks/reject-rhsbl-client.ts";
import { rejectRhsblHelo } from "./checks/reject-rhsbl-helo.ts";
import { rejectRhsblRecipient } from "./checks/reject-rhsbl-recipient.ts";
import { rejectRhsblReverseClient } from "./checks/reject-rhsbl-reverse-client.ts";
import { rejectRhsblSender } from "./checks/reject-rhsbl-sender.ts";
import { rejectSenderLoginMismatch } from "./checks/reject-sender-login-mismatch.ts";
import { rejectUnauthDestination } from "./checks/reject-unauth-destination.ts";
import { rejectUnauthPipelining } from "./checks/reject-unauth-pipelining.ts";
import { rejectUnauthenticatedSenderLoginMismatch } from "./checks/reject-unauthenticated-sender-login-mismatch.ts";
import { rejectUnknownClientHostname } from "./checks/reject-unknown-client-hostname.ts";
import { rejectUnknownForwardClientHostname } from "./checks/reject-unknown-forward-client-hostname.ts";
import { rejectUnknownHeloHostname } from "./checks/reject-unknown-helo-hostname.ts";
import { rejectUnknownRecipientDomain } from "./checks/reject-unknown-recipient-domain.ts";
import { rejectUnknownReverseClientHostname } from "./checks/reject-unknown-reverse-client-hostname.ts";
import { rejectUnknownSenderDomain } from "./checks/reject-unknown-sender-domain.ts";
import { rejectUnlistedRecipient } from "./checks/reject-unlisted-recipient.ts";
import { rejectUnlistedSender } from "./checks/reject-unlisted-sender.ts";
import { sleep } from "./checks/sleep.ts";
import { tagDnsblScore } from "./checks/tag-dnsbl-score.ts";
import { tagRhsblBody } from "./checks/tag-rhsbl-body.ts";
import type { Check } from "./contract.ts";

/** Every restriction there is, by name. */
export const CHECKS: ReadonlyMap<string, Check> = new Map(
  [
    checkClientAAccess,
    checkClientAccess,
    checkClientMxAccess,
    checkClientNsAccess,
    checkHeloAAccess,
    checkHeloAccess,
    checkHeloMxAccess,
    checkHeloNsAccess,
    checkRecipientAAccess,
    checkRecipientAccess,
    checkRecipientMxAccess,
    checkRecipientNsAccess,
    checkReverseClientHostnameAAccess,
    checkReverseClientHostnameAccess,
    checkReverseClientHostnameMxAccess,
    checkReverseClientHostnameNsAccess,
    checkSaslAccess,
    checkSenderAAccess,
    checkSenderAccess,
    checkSenderMxAccess,
    checkSenderNsAccess,
    deferRule,
    deferIfPermitRule,
    deferIfRejectRule,
    deferUnauthDestination,
    dunnoRule,
    greylistSuspicious,
    permitRule,
    permitAuthDestination,
    permitDnswlClient,
    permitInetInterfaces,
    permitMynetworks,
    permitRhswlClient,
    permitSaslAuthenticated,
    rejectRule,
    rejectAuthenticatedSenderLoginMismatch,
    rejectDnsblScore,
    rejectInvalidHeloHostname,
    rejectKnownSenderLoginMismatch,
    rejectMultiRecipientBounce,
    rejectNonFqdnHeloHostname,
    rejectNonFqdnRecipient,
    rejectNonFqdnSender,
    rejectOwnHeloHostname,
    rejectPlaintextSession,
    rejectRblClient,
    rejectRhsblBody,
    rejectRhsblClient,
    rejectRhsblHelo,
    rejectRhsblRecipient,
    rejectRhsblReverseClient,
    rejectRhsblSender,
    rejectSenderLoginMismatch,
    rejectUnauthDestination,
    rejectUnauthPipelining,
    rejectUnauthenticatedSenderLoginMismatch,
    rejectUnknownClientHostname,
    rejectUnknownForwardClientHostname,
    rejectUnknownHeloHostname,
    rejectUnknownRecipientDomain,
    rejectUnknownReverseClientHostname,
    rejectUnknownSenderDomain,
    rejectUnlistedRecipient,
    rejectUnlistedSender,
    sleep,
    tagDnsblScore,
    tagRhsblBody,
  ].map((check) => [check.name, check]),
);
