// The system user that scripts run as when the server runs as root.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { CGIError, systemErrorCode } from "../errors.ts";
import { hasNoRoom } from "./no-room.ts";

export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const run = promisify(execFile);

/** Only root may change the user; everybody else's scripts run as the server does. */
export function canChangeUser(): boolean {
  return process.getuid?.() === 0;
}

const known = new Map<string, SystemUser>();

/**
 * Finds a user by name, or takes `uid` or `uid:gid` as they are. Who was found once stays known: nobody else
 * can be asked when processes or descriptors have run out. Node cannot ask the system's user database, which
 * may be more than /etc/passwd; id(1) does.
 * @throws {UnknownUserError} if there is no such user: to go on as root instead would be the worst answer
 * @throws {CGIError} ERR_CGI_BUSY if the system has no room to ask
 */
export async function lookUpUser(name: string): Promise<SystemUser> {
  const numeric = /^(\d+)(?::(\d+))?$/.exec(name);
  if (numeric !== null) {
    const uid = Number(numeric[1]);
    return { name, uid, gid: numeric[2] === undefined ? uid : Number(numeric[2]) };
  }
  // A name with a hyphen in front would be an option of id(1).
  if (!/^[A-Za-z_][\w.@$-]*$/.test(name)) throw new UnknownUserError(name);
  const before = known.get(name);
  if (before !== undefined) return before;
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
    const user = { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
    known.set(name, user);
    return user;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ERR_ACCESS_DENIED") throw mayNotAsk(name, error);
    if (hasNoRoom(code)) throw noRoomToAsk(name, code, error);
    throw new UnknownUserError(name, { cause: error });
  }
}

/**
 * The user for scripts: `name` if the server may change to it, else `undefined`, for the one that it runs as
 * itself, or as it does already.
 */
export async function userForScripts(name: string): Promise<SystemUser | undefined> {
  if (!canChangeUser()) return undefined;
  const user = known.get(name) ?? (await lookUpUser(name));
  return isOurs(user) ? undefined : user;
}

/** Nothing to change, not even a supplementary group to drop: the cheaper start. */
function isOurs({ uid, gid }: SystemUser): boolean {
  const groups = process.getgroups?.() ?? [];
  return uid === process.getuid?.() && gid === process.getgid?.() && groups.every((group) => group === gid);
}

function mayNotAsk(name: string, cause: unknown): CGIError {
  return new CGIError(
    "ERR_CGI_CANNOT_START",
    `Node's permission model does not allow to ask who the user '${name}' is; start Node with --allow-child-process`,
    { cause },
  );
}

function noRoomToAsk(name: string, code: string | undefined, cause: unknown): CGIError {
  return new CGIError("ERR_CGI_BUSY", `the system has no room to ask who the user '${name}' is (${code})`, {
    cause,
  });
}

/** There is no such user to run scripts as. */
export class UnknownUserError extends CGIError {
  constructor(user: string, options?: ErrorOptions) {
    super(
      "ERR_CGI_CANNOT_START",
      `the user '${user}', as whom scripts are to run, does not exist; set cgiUser to one that does`,
      options,
    );
  }
}
