import { startExchange } from "../../sasl/start.ts";
import { asciiUpper } from "../../base/ascii.ts";
import { parseWords } from "../grammar.ts";
import { needsTls } from "../login.ts";
import { negative } from "../reply.ts";
import { decodeInitialResponse, offeredMechanisms, takeStep } from "../sasl-dialog.ts";
import type { Command } from "../stage.ts";

/**
 * Starts a SASL exchange. RFC 5034 §4
 *
 *     auth-command = "AUTH" SP sasl-mech [SP initial-response] *(CRLF [base64]) [CRLF "*"] CRLF
 *     initial-response = base64 / "="
 */
export const auth: Command = {
  when: "authorization",
  argument: "required",
  async run(context, argument) {
    const { backend, facts } = context;
    if (facts.tls === undefined) return needsTls;
    const [name = "", initial, ...more] = parseWords(argument) ?? [];
    if (name === "" || more.length > 0) return { reply: negative("AUTH takes a mechanism"), fault: "syntax" };
    const offered = offeredMechanisms(context);
    const mechanism = offered.find((one) => one === asciiUpper(name));
    if (mechanism === undefined) return { reply: negative("No such mechanism"), fault: "syntax" };
    const response = decodeInitialResponse(initial);
    if (response === "malformed") return { reply: negative("Malformed response"), fault: "syntax" };
    const exchange = startExchange(
      mechanism,
      backend.authenticator(facts),
      context.channelBinding(),
      offered,
    );
    return takeStep(backend, exchange, await exchange.step(response === "none" ? undefined : response));
  },
};
