// The printf of log messages.

const PERCENT = 0x25;

/**
 * `%s`, `%d` and `%i` take the next argument, `%r` takes it in quotes, `%%` is a percent sign. What has no
 * argument stays as it is. Arguments are often strings from the wire: they are put in as they are, and never
 * read as a format themselves.
 */
export function formatMessage(format: string, args: readonly unknown[]): string {
  let text = "";
  let done = 0;
  let next = 0;
  for (let at = format.indexOf("%"); at !== -1; at = format.indexOf("%", at)) {
    const kind = format.charCodeAt(at + 1);
    const replacement = kind === PERCENT ? "%" : next < args.length ? directive(kind, args[next]) : undefined;
    if (replacement === undefined) {
      at += 1;
      continue;
    }
    if (kind !== PERCENT) next++;
    text += format.slice(done, at) + replacement;
    at += 2;
    done = at;
  }
  return done === 0 ? format : text + format.slice(done);
}

function directive(kind: number, argument: unknown): string | undefined {
  switch (kind) {
    case 0x73: // s
    case 0x64: // d
    case 0x69: // i
      return String(argument);
    case 0x72: // r
      return `'${String(argument)}'`;
    default:
      return undefined;
  }
}
