/** What a session has switched on by ENABLE; it changes how names, searches and changes are written. RFC 5161 */
export type Modes = {
  /** UTF8=ACCEPT or IMAP4rev2: names and strings are UTF-8. RFC 9755, 9051 */
  readonly utf8: boolean;
  /** IMAP4rev2: no \Recent, SEARCH answers with ESEARCH. */
  readonly rev2: boolean;
  /** CONDSTORE: changes of flags carry MODSEQ. RFC 7162 §3.1 */
  readonly condstore: boolean;
  /** QRESYNC: VANISHED in place of EXPUNGE. RFC 7162 §3.2 */
  readonly qresync: boolean;
};
export const NO_MODES: Modes = { utf8: false, rev2: false, condstore: false, qresync: false };
