// Whether scripts can run as the user that was asked for; better found at start than by the first visitor.
import { canChangeUser, lookUpUser } from "../cgi/user.ts";
import { makeVisible } from "../text/visible.ts";
import { StartError } from "./start-errors.ts";

/** Throws a `StartError` unless scripts can run as `cgiUser`, or as nobody where root named no one. */
export async function checkCgiUser(cgiUser: string | undefined): Promise<void> {
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
