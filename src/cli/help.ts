// The text of `htbin --help`: made from the table of options, at most 80 columns wide.
import { longNames, OPTION_GROUPS, type OptionRow, withValue } from "./option-row.ts";
import { OPTION_TABLE } from "./option-table.ts";

const WIDTH = 80;
const HELP_COLUMN = 31;

/** The whole help text, for stdout. */
export function helpText(): string {
  return [INTRODUCTION, ...OPTION_GROUPS.map(groupText), EXAMPLES, ENDINGS].join("\n");
}

const INTRODUCTION = `\
Usage: htbin [options] [port] [directory]
       htbin explain URL [options]    what it would do; htbin explain --help

Serves a folder over HTTP and, with --cgi, runs the CGI scripts in it.

  port       1 to 65535, or 0 for any free one (default: $PORT, else 8000)
  directory  the folder (default: the current one; one of digits: ./2024)
`;

const EXAMPLES = `\
Examples
  htbin                            this folder, at http://localhost:8000/
  htbin 3000 dist                  the folder dist, on port 3000
  htbin -b 127.0.0.1 --cgi         scripts too, for this machine only
  htbin -H 'Access-Control-Allow-Origin: *' public
                                   with a header that other sites' pages need
  htbin --unix /run/site.sock www  behind a proxy on the same machine
`;

const ENDINGS = `\
Ctrl-C, SIGTERM or SIGHUP lets running answers end (--grace), then exits with 0.
A second one exits at once, with 130, 143 or 129. With --log-file, SIGHUP opens
the file anew instead, unless the terminal was closed. Exit code 1: it could not
start (port in use, no such folder), or its Unix socket was removed. Exit code
2: wrong usage. All limits: docs/limits.md
`;

function groupText(group: (typeof OPTION_GROUPS)[number]): string {
  const rows = OPTION_TABLE.filter((row) => row.group === group).map(rowText);
  return `${group}\n${rows.join("")}`;
}

function rowText(row: OptionRow): string {
  const short = row.short === undefined ? "    " : `-${row.short}, `;
  const names = longNames(row)
    .map((name) => `--${name}`)
    .join(", ");
  const left = `  ${short}${withValue(row, names)}`;
  const indent = " ".repeat(HELP_COLUMN);
  const lines = wrap(row.help, WIDTH - HELP_COLUMN);
  // A long name leaves its line to itself.
  const first = left.length < HELP_COLUMN - 1 ? left.padEnd(HELP_COLUMN) : `${left}\n${indent}`;
  return `${first}${lines.join(`\n${indent}`)}\n`;
}

/** Breaks a text between words into lines of at most `width` characters. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
