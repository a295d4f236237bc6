// The option `auth` made ready at start, where a wrong file is better found than by the first visitor.
import { resolve } from "node:path";

import { loadAuthenticator } from "../files/load-authenticator.ts";
import { makeVisible } from "../text/visible.ts";
import { shownPath } from "./shown-path.ts";
import { StartError } from "./start-errors.ts";

/**
 * @returns the same, with the path of a file made absolute, so that it stays when the program changes its folder
 * @throws {StartError} if the file cannot be used
 */
export async function prepareAuth(auth: string | undefined): Promise<string | undefined> {
  if (auth === undefined) return undefined;
  const path = auth.startsWith("@") ? resolve(auth.slice(1)) : undefined;
  const absolute = path === undefined ? auth : `@${path}`;
  try {
    await loadAuthenticator(absolute);
  } catch (error) {
    const why = makeVisible((error as Error).message);
    const sentence = `cannot use the file of passwords ${shownPath(path ?? "")}: ${why}`;
    throw new StartError("ERR_START_PASSWORD_FILE", sentence, { cause: error });
  }
  return absolute;
}
