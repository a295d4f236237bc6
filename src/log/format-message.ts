// The printf of log messages.

/**
 * `%s`, `%d` and `%i` take the next argument, `%r` takes it in quotes, `%%` is a percent sign. What has no argument stays as it is.
 * Known formats are short and arguments are often strings from the wire: they are never read as a format themselves.
 */
export function formatMessage(format: string, args: readonly unknown[]): string {
  if (args.length === 0 && !format.includes("%%")) return format;
  let next = 0;
  return format.replace(/%([sdir%])/g, (directive, kind: string) => {
    if (kind === "%") return "%";
    if (next >= args.length) return directive;
    const argument = args[next++];
    return kind === "r" ? `'${String(argument)}'` : String(argument);
  });
}
