// Whether a server's stderr holds what it should: so many lines for each client, and never the stack of an error.

/** Lines that a client's connections may cause. */
interface Budget {
  least: number;
  most: number;
}

/** How src/cgi/run-record.ts writes them: neither a stack trace nor what a script prints can look so by chance. */
const RECORD_LINE = /^ {4}(?:request|script|asked|ended|stderr|verdict|remedy| {9}) /;

export class LogCheck {
  readonly #budgets = new Map<string, Budget>();
  /** Lines that were counted, and how many there may be. */
  lines = 0;
  #most = 0;

  /** A connection from this address has been made; several may share one, where a system has no more of them. */
  expect(address: string, { least, most }: Budget): void {
    const budget = this.#budgets.get(address);
    if (budget === undefined) this.#budgets.set(address, { least, most });
    else {
      budget.least += least;
      budget.most += most;
    }
    this.#most += most;
  }

  /** @param log all that the server has written to stderr; it has ended. @returns what is wrong with it, in sentences */
  check(log: string): string[] {
    const counts = new Map<string, string[]>();
    const strangers: string[] = [];
    for (const line of log.split("\n")) {
      // The further lines of a record belong to the one before.
      if (line === "" || RECORD_LINE.test(line)) continue;
      this.lines++;
      const address = /^(\S+) - - \[/.exec(line)?.[1];
      // A client that was gone before it was accepted has no address any more: its lines count in the sum alone.
      if (address === "-") continue;
      if (address === undefined || !this.#budgets.has(address)) strangers.push(line);
      else if (counts.has(address)) counts.get(address)!.push(line);
      else counts.set(address, [line]);
    }
    const problems = strangers.slice(0, 5).map((line) => `stderr has a line that is no log line: ${line}`);
    if (strangers.length > 5) problems.push(`stderr has ${strangers.length} lines that are no log lines`);
    if (this.lines > this.#most)
      problems.push(`stderr has ${this.lines} lines, and ${this.#most} at most are right`);
    return [...problems, ...this.#wrongCounts(counts)];
  }

  #wrongCounts(counts: ReadonlyMap<string, readonly string[]>): string[] {
    const problems: string[] = [];
    for (const [address, { least, most }] of this.#budgets) {
      const lines = counts.get(address) ?? [];
      if (lines.length >= least && lines.length <= most) continue;
      const wanted = least === most ? `${most}` : `${least} to ${most}`;
      problems.push(
        `a client was logged in ${lines.length} lines in place of ${wanted}: ${lines.slice(0, 6).join(" ⏎ ").slice(0, 600)}`,
      );
    }
    if (problems.length > 5) problems.splice(5, Infinity, `${problems.length} clients were logged so`);
    return problems;
  }
}
