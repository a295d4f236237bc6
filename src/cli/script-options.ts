// The words of the command line that say where scripts are and what they get: read
// into the options they stand for.
import { resolve } from "node:path";

import { makeVisible } from "../text/visible.ts";
import { quoted } from "./quoted.ts";
import type { ServeOptions } from "./serve-options.ts";

/** The options with more, or a sentence about a text that is no value. */
type Added = ServeOptions | string;

/** `--cgi-dir tools`, with or without slashes. */
export function withDirectory(path: string, soFar: ServeOptions): Added {
  return { ...soFar, cgiDirectories: [...(soFar.cgiDirectories ?? []), urlPath(path)] };
}

/** `--cgi-mount /git=/usr/lib/git-core/git-http-backend` */
export function withMount(text: string, soFar: ServeOptions): Added {
  const [path, program] = splitAt(text, "=");
  if (program === undefined || program === "")
    return `--cgi-mount ${quoted(text)} names no program; write --cgi-mount /git=/usr/lib/git-core/git-http-backend`;
  // Taken for a path, `.php` would leave the sources of all such files to be sent.
  if (path.startsWith("."))
    return `--cgi-mount ${quoted(path)} is no path; for files with an extension write --cgi-interpreter ${makeVisible(text)}`;
  const key = urlPath(path);
  if ((soFar.cgiMounts?.[key]?.program ?? "") !== "")
    return `--cgi-mount ${quoted(key)} is there twice; give each path one program`;
  return withMounted(soFar, key, { program: resolve(program) });
}

/** `--cgi-stream /git` */
export function withStream(path: string, soFar: ServeOptions): Added {
  return withMounted(soFar, urlPath(path), { requestBody: "stream" });
}

/**
 * `--cgi-env NAME=VALUE`, or `--cgi-env /git:NAME=VALUE` for one mount: the name of a variable
 * has neither slash nor colon.
 */
export function withEnvironment(text: string, soFar: ServeOptions): Added {
  const [before, value] = splitAt(text, "=");
  const colon = before.lastIndexOf(":");
  const name = before.slice(colon + 1);
  if (value === undefined || name === "")
    return `--cgi-env ${quoted(text)} is no variable; write --cgi-env NAME=VALUE, or /PATH:NAME=VALUE for one mount`;
  if (colon === -1) return { ...soFar, cgiEnvironment: { ...soFar.cgiEnvironment, [name]: value } };
  const key = urlPath(before.slice(0, colon));
  const environment = { ...soFar.cgiMounts?.[key]?.environment, [name]: value };
  return withMounted(soFar, key, { environment });
}

/**
 * `--cgi-interpreter .php=php-cgi`; words behind the program are its arguments, and none means
 * that files start by themselves.
 */
export function withInterpreter(text: string, soFar: ServeOptions): Added {
  const [extension, command] = splitAt(text, "=");
  if (command === undefined)
    return `--cgi-interpreter ${quoted(text)} names no program; write --cgi-interpreter .php=php-cgi, or .cgi= for files that start by themselves`;
  const words = command.split(" ").filter((word) => word !== "");
  const key = (extension.startsWith(".") ? extension : `.${extension}`).toLowerCase();
  return { ...soFar, cgiInterpreters: { ...soFar.cgiInterpreters, [key]: words } };
}

type Mount = NonNullable<ServeOptions["cgiMounts"]>[string];

/** What is said of a mount before its program waits for it; `checkServeOptions` finds one without. */
function withMounted(soFar: ServeOptions, path: string, more: Partial<Mount>): ServeOptions {
  const mount = { program: "", ...soFar.cgiMounts?.[path], ...more };
  return { ...soFar, cgiMounts: { ...soFar.cgiMounts, [path]: mount } };
}

function splitAt(text: string, mark: string): [before: string, after: string | undefined] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** As `cgiDirectories` and `cgiMounts` have it: one slash in front, none behind. */
function urlPath(path: string): string {
  return `/${path.replace(/^\/+|\/+$/g, "")}`;
}
