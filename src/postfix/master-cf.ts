import { logicalLines, placeIn, type Fault, type LogicalLine } from "./logical-lines.ts";
import { parseSetting, type Setting } from "./main-cf.ts";
import { closingOf } from "./words.ts";

/** One service of master.cf. */
export type Service = {
  /** `smtp`, `465`, `192.0.2.1:submission` */
  readonly name: string;
  readonly type: string;
  readonly chroot: string;
  readonly processesMax: string;
  /** `smtpd`, `postscreen`, `pipe`, … */
  readonly command: string;
  /** Everything behind the command that is no `-o`. */
  readonly arguments: readonly string[];
  /** `-o name=value` and `-o { name = value }` */
  readonly overrides: readonly Setting[];
  readonly line: number;
};
export type MasterCf = { readonly services: readonly Service[]; readonly faults: readonly Fault[] };

const TYPES = new Set(["inet", "unix", "unix-dgram", "fifo", "pass"]);

/**
 * Reads master.cf: `service type private unprivileged chroot wakeup processes command arguments`. Total. master(5)
 */
export function parseMasterCf(text: string): MasterCf {
  const { lines, faults: lineFaults } = logicalLines(text);
  const faults = [...lineFaults];
  const services: Service[] = [];
  for (const line of lines) {
    const service = parseService(line, faults);
    if (service !== undefined) services.push(service);
  }
  return { services, faults: faults.sort((a, b) => a.line - b.line) };
}

type Field = { readonly text: string; readonly at: number };

function parseService(line: LogicalLine, faults: Fault[]): Service | undefined {
  const fields = fieldsOf(line.text);
  const [name, type, , , chroot, , processes, command] = fields;
  if (name === undefined || type === undefined || command === undefined) {
    return void faults.push({ line: line.line, column: 1, message: "a service has at least eight fields" });
  }
  if (!TYPES.has(type.text)) {
    return void faults.push({ ...placeIn(line, type.at), message: `${type.text} is no type of service` });
  }
  const { overrides, rest } = argumentsOf(line, fields.slice(8), faults);
  return {
    name: name.text,
    type: type.text,
    chroot: chroot?.text ?? "-",
    processesMax: processes?.text ?? "-",
    command: command.text,
    arguments: rest,
    overrides,
    line: line.line,
  };
}

function argumentsOf(
  line: LogicalLine,
  fields: readonly Field[],
  faults: Fault[],
): { readonly overrides: readonly Setting[]; readonly rest: readonly string[] } {
  const overrides: Setting[] = [];
  const rest: string[] = [];
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as Field;
    // Options come first; behind them `-o` belongs to the program that pipe(8) runs.
    if (!field.text.startsWith("-o") || rest.some((text) => !text.startsWith("-"))) {
      rest.push(field.text);
      continue;
    }
    const glued = field.text.length > 2;
    const value = glued ? { text: field.text.slice(2), at: field.at + 2 } : fields[++i];
    const braced = value?.text.startsWith("{") === true ? 1 : 0;
    const setting =
      value &&
      parseSetting(
        line,
        value.at + braced,
        value.at + value.text.length - (value.text.endsWith("}") ? braced : 0),
      );
    if (setting === undefined)
      faults.push({ ...placeIn(line, field.at), message: "`-o` without `name=value`" });
    else overrides.push(setting);
  }
  return { overrides, rest };
}

/** Splits at white space; `{ … }` at the beginning of a field stays whole. */
function fieldsOf(text: string): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at++;
      continue;
    }
    const closing = text.charAt(at) === "{" ? closingOf(text, at) : undefined;
    const gap = text.slice(at).search(/\s/);
    const end = closing === undefined ? (gap < 0 ? text.length : at + gap) : closing + 1;
    fields.push({ text: text.slice(at, end), at });
    at = end;
  }
  return fields;
}
