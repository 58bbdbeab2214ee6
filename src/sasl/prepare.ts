import { PREPARED_OCTETS_MAX } from "./limits.ts";

/**
 * Names and passwords as they are compared: non-ASCII spaces become SPACE, then NFC (the OpaqueString profile of
 * RFC 8265 §4.2, without its table of disallowed characters: a password may hold any character but controls, F-02).
 * Undefined for what cannot be one: empty, with a control, or longer than 1024 octets.
 */
export function prepare(text: string): string | undefined {
  if (text === "" || Buffer.byteLength(text) > PREPARED_OCTETS_MAX) return undefined;
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return undefined;
  return text.replace(/[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g, " ").normalize("NFC");
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 text, or undefined where the octets are not. */
export function decodeUtf8(octets: Uint8Array): string | undefined {
  try {
    return utf8.decode(octets);
  } catch {
    return undefined;
  }
}
