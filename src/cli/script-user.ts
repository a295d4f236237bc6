// Whom the scripts of a server run as. A wrong user is better found at start than by the first visitor.
import { userInfo } from "node:os";

import { CGIHTTPRequestHandler } from "../cgi/cgi-http-request-handler.ts";
import { canChangeUser, lookUpUser } from "../cgi/user.ts";
import { makeVisible } from "../text/visible.ts";
import { scriptUser, type ScriptUser } from "./banner.ts";
import { type HandlerClass, isOrExtends } from "./configure-handler.ts";
import type { ServeOptions } from "./serve-options.ts";
import { StartError } from "./start-errors.ts";

/**
 * The user for the banner; `undefined` where `Handler` runs no scripts, or says itself whom they run as.
 * @throws {StartError} if scripts cannot run as this user
 */
export async function findScriptUser(
  Handler: HandlerClass,
  options: ServeOptions,
): Promise<ScriptUser | undefined> {
  if (!isOrExtends(Handler, CGIHTTPRequestHandler) || !isUserKnown(options)) return undefined;
  await checkCgiUser(options.cgiUser);
  return scriptUser(options.cgiUser, starter());
}

/** Root's class given by hand may have chosen the user itself: nothing is to be checked or told here. */
function isUserKnown({ handlerClass, cgiUser }: ServeOptions): boolean {
  return handlerClass === undefined || cgiUser !== undefined || !canChangeUser();
}

function starter(): { isRoot: boolean; name: string } {
  const isRoot = canChangeUser();
  try {
    return { isRoot, name: userInfo().username };
  } catch {
    // A user id without a name, as containers have them.
    return { isRoot, name: `uid ${process.getuid?.() ?? "?"}` };
  }
}

/** Throws a `StartError` unless scripts can run as `cgiUser`, or as nobody where root named no one. */
async function checkCgiUser(cgiUser: string | undefined): Promise<void> {
  if (!canChangeUser()) {
    if (cgiUser === undefined) return;
    throw new StartError(
      "ERR_START_CGI_USER",
      "only root can run scripts as another user; leave out --cgi-user, or start htbin as root",
    );
  }
  const name = cgiUser ?? "nobody";
  try {
    await lookUpUser(name);
  } catch (error) {
    throw new StartError(
      "ERR_START_CGI_USER",
      `there is no user ${makeVisible(name)} to run scripts as; name one that exists with --cgi-user`,
      { cause: error },
    );
  }
}
