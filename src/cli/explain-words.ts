// The words behind `htbin explain`: which request is meant, and the options of the server that would get it.
import { makeVisible } from "../text/visible.ts";

export interface Question {
  readonly kind: "question";
  readonly method: string;
  /** As it stands in a request line: `/cgi-bin/x?y`. */
  readonly target: string;
  /** The Host field; `undefined` for that of the server itself. */
  readonly host: string | undefined;
  readonly isRun: boolean;
  /** The file with the body of the request. */
  readonly dataFile: string | undefined;
  /** Words for the command line of the server. */
  readonly serverWords: readonly string[];
}

export type ExplainWords =
  | Question
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "usage"; readonly message: string };

const EXAMPLE = "htbin explain /cgi-bin/hello.sh --cgi";

/** `[--run] [-X METHOD] [--data FILE] URL` in any order, and among them what the server is told. */
export function parseExplainWords(words: readonly string[]): ExplainWords {
  let method: string | undefined;
  let dataFile: string | undefined;
  let isRun = false;
  let url: string | undefined;
  const serverWords: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const [, name, inline] = /^(-X|--request|--data)(?:=(.*))?$/s.exec(word) ?? [];
    if (word === "--run") isRun = true;
    else if (name !== undefined) {
      const value = inline ?? words[++at];
      if (value === undefined || value === "") return usage(`${name} needs a value`);
      if (name === "--data") dataFile = value;
      else method = value;
    }
    // The folder to serve may be an absolute path, too: the URL is the first of the two.
    else if (url === undefined && serverWords.length === 0) url = word;
    else serverWords.push(word);
  }
  if (url === "--help" || url === "-h") return { kind: "help", text: HELP };
  if (url === undefined) {
    return usage(`explain needs a URL, as in ${EXAMPLE}; a folder of this name is ./explain`);
  }
  if (url.startsWith("-")) {
    return usage(
      `${makeVisible(url)} is no URL; give that first, and options of the server behind it, as in ${EXAMPLE}`,
    );
  }
  if (method !== undefined && !/^[A-Z]+$/.test(method)) {
    return usage(`-X ${makeVisible(method)} is no method; write it in capitals, as in -X POST`);
  }
  const place = placeOf(url);
  if (place === undefined) {
    const whole = /^[\w.-]+:\d/.test(url) ? `http://${url}` : `/${url.replace(/^\.\//, "")}`;
    const folder = url.includes("/") ? "" : "; a folder of this name is ./explain";
    return usage(`${makeVisible(url)} is no URL; write ${makeVisible(whole)}${folder}`);
  }
  method ??= dataFile === undefined ? "GET" : "POST";
  return { kind: "question", method, ...place, isRun, dataFile, serverWords };
}

const HELP = `\
Usage: htbin explain [--run] [-X METHOD] [--data FILE] URL [options] [directory]

Says what the server with these options would do with a request: which file is
meant, how a script would be started, or why it would be refused. Nothing is
started, and nothing listens.

  URL          a path such as /cgi-bin/hello.sh/info?q=1, or a full URL
  --run        run the script once, by the rules of the server
  -X METHOD    the method (default: GET; POST with --data)
  --data FILE  send this file as the body

Options are those of htbin. Exit code 0: it would work, or has worked. 1: not.
2: wrong usage. A folder of this name is served by htbin ./explain
`;

function usage(message: string): ExplainWords {
  return { kind: "usage", message: `${message}.` };
}

/** Target and host of a path or a full URL; `undefined` for anything else. */
function placeOf(url: string): { readonly target: string; readonly host: string | undefined } | undefined {
  const [, host, rest] = /^https?:\/\/([^/?#]+)(.*)$/is.exec(url) ?? [];
  if (host === undefined && !url.startsWith("/")) return undefined;
  const path = (rest ?? url).replace(/#.*$/s, "");
  return { target: onTheWire(path.startsWith("/") ? path : `/${path}`), host };
}

/** A person types blanks and umlauts; the wire has neither (RFC 3986 §2). Escapes are left as they are. */
function onTheWire(target: string): string {
  return target.replace(/[^\u0021-\u007e]+/gu, (text) => encodeURIComponent(text));
}
