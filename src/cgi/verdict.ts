// The faults that a run of a script can have, by name: docs/errors.md has a row for each.

/** In the order of a run: finding it, starting it, its header, its body; then what is no script's fault. */
export const VERDICTS = [
  "missing",
  "not-a-file",
  "no-execute-permission",
  "no-permission",
  "byte-order-mark-in-script",
  "saved-as-utf-16",
  "no-interpreter-line",
  "carriage-return",
  "interpreter-not-absolute",
  "interpreter-missing",
  "command-not-found",
  "wrong-architecture",
  "library-missing",
  "being-written",
  "no-such-user",
  "cannot-start",
  "no-output",
  "empty-file",
  "killed",
  "error-instead-of-header",
  "byte-order-mark",
  "blank-line-first",
  "no-blank-line",
  "text-before-header",
  "bad-header-line",
  "header-too-large",
  "too-slow",
  "silent",
  "too-short",
  "application-unreachable",
  "application-broke-off",
  "redirect-loop",
  "request-unfit",
  "too-busy",
  "system-full",
  "no-space",
] as const;

export type VerdictName = (typeof VERDICTS)[number];

export interface Verdict {
  readonly name: VerdictName;
  /** What is wrong: a clause that can follow a colon. */
  readonly cause: string;
  /** What its owner can do: a sentence that begins with a verb, without its full stop. */
  readonly remedy: string;
}

export function verdict(name: VerdictName, cause: string, remedy: string): Verdict {
  return { name, cause, remedy };
}
