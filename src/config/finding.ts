/** One thing wrong with a configuration, with the place and the way out. */
export type ConfigFinding = {
  /** Line in the file, from 1; undefined where a setting is missing. */
  readonly line: number | undefined;
  /** `listeners.smtp.port` */
  readonly key: string;
  readonly message: string;
  readonly suggestion?: string;
};

export function formatFinding(file: string, finding: ConfigFinding): string {
  const place = finding.line === undefined ? file : `${file}:${finding.line}`;
  const key = finding.key === "" ? "" : ` ${finding.key}:`;
  const suggestion = finding.suggestion === undefined ? "" : ` ${finding.suggestion}`;
  return `${place}:${key} ${finding.message}.${suggestion}`;
}
