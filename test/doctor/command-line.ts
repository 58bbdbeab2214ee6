/** The doctor's commands as a program of their own, for the tests: `node test/doctor/command-line.ts doctor …`. */
import { Command } from "commander";
import { attackCommand } from "../../src/cli/attack.ts";
import { dnsCommand } from "../../src/cli/dns.ts";
import { doctorCommand } from "../../src/cli/doctor.ts";
import { showError } from "../../src/cli/output.ts";

const program = new Command("wachpost").option("--config <file>").option("--data <dir>").option("--json");
doctorCommand(program);
dnsCommand(program);
attackCommand(program);
try {
  await program.parseAsync();
} catch (error) {
  showError(error, process.argv.includes("--json"));
}
