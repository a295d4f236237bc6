// Which line of what a script wrote on stderr says what is wrong: seldom the last one,
// since most languages add a trace.

/** Where a program begins to give up, whatever it writes afterwards: git, Go, Rust's tools, Java, Ruby. */
const GIVES_UP =
  /^(?:fatal|panic|fatal error|Exception in thread .*): |\((?:\w+::)*\w+(?:Error|Exception)\)$/;

/** What stands behind the line that matters: indented calls, and what ends or follows a trace. */
const TRACE = [
  /^\s/,
  // Perl, Python's option parser, env.
  /^(?:BEGIN failed--|Execution of .* aborted|.* had compilation errors|Try .*-h|.*\buse -\[v\]S)/,
  // PHP, Lua, Haskell, OCaml.
  /^(?:Stack trace:|stack traceback:|#\d+ |CallStack \(from|Raised (?:at|by) |Called from )/,
  // Node: the end of the properties of an error, and its own version. Rust: advice.
  /^(?:[\])}]+;?$|Node\.js v\d|note: run with )/,
];

/** Behind Tcl's message: commands in double quotes and where they stand. */
const TCL_TRACE = /^ {4}while executing$/;

/** Stands under a line of the source, to point at a place in it: Ruby, awk, compilers. */
const POINTER = /^\s*[\^~]+$/;

/** `undefined` if there is no line but blank ones. */
export function tellingLine(stderr: readonly string[]): string | undefined {
  const lines = stderr.filter(
    (line, at) => line.trim() !== "" && !POINTER.test(line) && !POINTER.test(stderr[at + 1] ?? ""),
  );
  const tclTrace = lines.findIndex((line) => TCL_TRACE.test(line));
  return (
    lines.find((line) => GIVES_UP.test(line)) ??
    lines[tclTrace - 1] ??
    lines.findLast((line) => !TRACE.some((pattern) => pattern.test(line))) ??
    lines.at(-1)
  );
}
