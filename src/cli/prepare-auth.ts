// The option `auth` made ready at start, where a wrong file is better found than by the first visitor.
import { resolve } from "node:path";

import { systemErrorCode } from "../errors.ts";
import { loadAuthenticator } from "../files/load-authenticator.ts";
import { makeVisible } from "../text/visible.ts";
import { isServed } from "./is-served.ts";
import type { ServeOptions } from "./serve-options.ts";
import { shownPath } from "./shown-path.ts";
import { StartError } from "./start-errors.ts";

/**
 * @param directory the served folder, where it is known
 * @returns the same, with the path of a file made absolute, so that it stays when
 * the program changes its folder
 * @throws {StartError} if the file cannot be used, or would be sent to whoever asks for it
 */
export async function prepareAuth(
  { auth, dotfiles = false }: ServeOptions,
  directory: string | undefined,
): Promise<string | undefined> {
  if (auth === undefined) return undefined;
  const path = auth.startsWith("@") ? resolve(auth.slice(1)) : undefined;
  const absolute = path === undefined ? auth : `@${path}`;
  try {
    await loadAuthenticator(absolute);
  } catch (error) {
    throw new StartError("ERR_START_PASSWORD_FILE", explain(error, shownPath(path ?? "")), { cause: error });
  }
  if (path !== undefined && isServed(path, directory, dotfiles)) {
    const advice = dotfiles
      ? "move it out of there"
      : "move it out of there, or give it a name that begins with a dot";
    throw new StartError(
      "ERR_START_PASSWORD_FILE",
      `the file of passwords ${shownPath(path)} is in the served folder and would be sent; ${advice}`,
    );
  }
  return absolute;
}

function explain(error: unknown, file: string): string {
  switch (systemErrorCode(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return `there is no file of passwords ${file}; make it with htpasswd -cB, or name another`;
    case "EISDIR":
      return `${file} is a folder; name the file of passwords in it`;
    case "EACCES":
    case "EPERM":
      return `the file of passwords ${file} is not readable for this user; change its mode or its owner`;
    default:
      return `cannot use the file of passwords ${file}: ${makeVisible((error as Error).message)}`;
  }
}
