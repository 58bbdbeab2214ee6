import { z } from "zod";
import { cidr, portNumber, section } from "./schema-parts.ts";

const proxyFrom = z
  .array(cidr)
  .default([])
  .describe(
    "Proxies that announce their client by the PROXY protocol (version 1 or 2). A peer named here must send the header.",
  );
const xclientFrom = z
  .array(cidr)
  .default([])
  .describe(
    "Peers that may use XCLIENT to speak for another client. None by default; name your own test hosts and filters only.",
  );

const listener = (port: number, enabled: boolean, what: string) => ({
  enabled: z.boolean().default(enabled).describe(what),
  addresses: z
    .array(z.string())
    .min(1)
    .default(["0.0.0.0", "::"])
    .describe("Addresses of this machine to listen on."),
  port: portNumber.default(port).describe("TCP port."),
  proxy_from: proxyFrom,
});

export const listeners = section(
  {
    smtp: section(
      {
        ...listener(25, true, "Mail from other servers (MX). Never offers AUTH."),
        xclient_from: xclientFrom,
      },
      "Port 25: mail from the world.",
    ),
    submissions: section(
      { ...listener(465, true, "Mail from our users, TLS from the first octet."), xclient_from: xclientFrom },
      "Port 465: submission with implicit TLS (RFC 8314), the one to give to mail programs.",
    ),
    submission: section(
      {
        ...listener(587, false, "Mail from our users, TLS by STARTTLS, for programs that cannot use 465."),
        xclient_from: xclientFrom,
      },
      "Port 587: submission with STARTTLS.",
    ),
    imaps: section(
      listener(993, true, "Reading mail, TLS from the first octet."),
      "Port 993: IMAP with implicit TLS.",
    ),
    imap: section(
      listener(143, false, "Reading mail, TLS by STARTTLS; nothing but STARTTLS works before it."),
      "Port 143: IMAP with STARTTLS.",
    ),
    pop3s: section(
      listener(995, false, "Fetching mail by POP3, TLS from the first octet."),
      "Port 995: POP3 with implicit TLS.",
    ),
    web: section(
      listener(
        443,
        false,
        "Settings for mail programs, MTA-STS policies, a page for people, figures (docs/web.md).",
      ),
      "Port 443: HTTPS.",
    ),
    lmtp: section(
      {
        enabled: z
          .boolean()
          .default(false)
          .describe("Mail from programs on this machine over LMTP (RFC 2033)."),
        path: z
          .string()
          .default("lmtp.sock")
          .describe("Unix socket, relative to the data directory; mode 0660 decides who may use it."),
      },
      "LMTP on a Unix socket.",
    ),
  },
  "Where the server listens.",
);
