import { spawn, spawnSync } from "node:child_process";

export type Ran = { readonly status: number; readonly stdout: string; readonly stderr: string };

/** Runs a program without blocking the test's own loop. */
export async function run(
  program: string,
  args: readonly string[],
  input = "",
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ran> {
  const child = spawn(program, args, { stdio: "pipe", env, timeout: 100_000 });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("latin1")));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("latin1")));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const status = await new Promise<number>((resolve) => {
    child.on("error", () => resolve(-1));
    child.on("close", (code) => resolve(code ?? -1));
  });
  return { status, stdout, stderr };
}

/** False, or why a test that needs the program is skipped and what to install. */
export function missing(program: string, debianPackage: string): string | false {
  const found = spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
  return found ? false : `${program} is not installed: apt-get install ${debianPackage}`;
}

/** The same for a Perl module: swaks needs one for TLS. */
export function missingPerl(module: string, debianPackage: string): string | false {
  const found = spawnSync("perl", [`-M${module}`, "-e", "1"]).status === 0;
  return found ? false : `Perl's ${module} is not installed: apt-get install ${debianPackage}`;
}
