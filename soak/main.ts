// Owns `npm run soak`: many requests to two servers, half of them broken off, and a look at what they left behind.

import { rmSync } from "node:fs";

import { HELP, type Options, parseOptions } from "./options.ts";
import { renderResult } from "./report.ts";
import { makeSite } from "./site.ts";
import { type Assignment, soakServer } from "./soak-server.ts";

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  // Scripts may run as another user, who has to read what we write.
  process.umask(0o022);
  const site = makeSite();
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.once(signal, () => process.exit(code));
  }
  process.once("exit", () => rmSync(site, { recursive: true, force: true, maxRetries: 3 }));
  return await run(options, site);
}

async function run(options: Options, site: string): Promise<number> {
  const half = {
    site,
    requests: Math.ceil(options.requests / 2),
    time: options.seconds * 500,
    seed: options.seed,
  };
  const assignments: Assignment[] = [
    { ...half, name: "handlers", title: "the library, with handlers that go wrong", leaks: options.plant },
    { ...half, name: "command", title: "htbin --cgi", leaks: [] },
  ];
  let problems = 0;
  process.stdout.write(`seed ${options.seed}, Node ${process.version}, ${process.platform}\n\n`);
  for (const assignment of assignments) {
    // A planted leak is in the first server only.
    if (options.plant.length > 0 && assignment.leaks.length === 0) continue;
    const result = await soakServer(assignment);
    process.stdout.write(`${renderResult(result)}\n`);
    problems += result.problems.length;
  }
  process.stdout.write(problems === 0 ? "Nothing was left behind.\n" : "Something was left behind.\n");
  return problems === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`npm run soak: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
