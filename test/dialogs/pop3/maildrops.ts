const message = (...lines: readonly string[]): Buffer =>
  Buffer.from(lines.map((line) => `${line}\r\n`).join(""));

/** Maildrops a dialog may name. */
export const MAILDROPS: Readonly<Record<string, readonly Buffer[]>> = {
  empty: [],
  three: [
    message("Subject: one", "", "first"),
    message("Subject: two", "X-Long: a", " b", "", "line 1", "line 2", "line 3"),
    message("Subject: three", "", "third"),
  ],
  dots: [
    message("Subject: dots", "", ".", "..", ".begins", "ends.", "", "."),
    Buffer.from("Subject: no end\r\n\r\nno line end"),
    Buffer.from("Subject: bare\r\n\r\na\n.\nb\r.\r\n"),
    Buffer.from("Subject: \xfcml\xe4ut and NUL\0\r\n\r\n\xff\xfe\r\n", "latin1"),
  ],
};
