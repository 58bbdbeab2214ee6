/** Character codes by name, and case folding that touches ASCII only. */
export const NUL = 0x00;
export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const DQUOTE = 0x22;
export const DOT = 0x2e;
export const BACKSLASH = 0x5c;

/** Lower-cases A-Z and leaves everything else alone (no locale, no Unicode folding). */
export function asciiLower(text: string): string {
  let capitals = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
    capitals ||= code >= 0x41 && code <= 0x5a;
  }
  // Most names are in lower case already, and of ASCII the platform's own folding is the same.
  return capitals ? text.toLowerCase() : text;
}

/** Upper-cases a-z and leaves everything else alone. */
export function asciiUpper(text: string): string {
  return /[a-z]/.test(text) ? text.replace(/[a-z]+/g, (run) => run.toUpperCase()) : text;
}

/** True when every UTF-16 unit is below 0x80. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** True when the text holds a C0 control or DEL. */
export function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

/** Shows untrusted text on one line: controls, bidi and line separators become \u escapes (D-40). */
export function printable(text: string, limit = 512): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut.replace(
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
