// Makes the path of a Unix socket free to listen on, without taking it from a server that lives.
import { lstatSync, statSync, unlinkSync, type Stats } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";

import { systemErrorCode } from "../errors.ts";
import { shownPath } from "./shown-path.ts";
import { StartError } from "./start-errors.ts";

// sizeof(sun_path) - 1: 107 bytes on Linux, 103 on macOS and the BSDs. Node 20 cuts a longer path without a
// word and listens on another one.
const LONGEST_PATH = process.platform === "linux" ? 107 : 103;

/** Removes the socket that a dead server left at `path`. @throws {StartError} when the path cannot be had */
export async function claimSocketPath(path: string): Promise<void> {
  // A named pipe of Windows is no file.
  if (process.platform === "win32") return;
  const shown = shownPath(path);
  const length = Buffer.byteLength(path);
  if (length > LONGEST_PATH) {
    throw new StartError(
      "ERR_START_SOCKET_TOO_LONG",
      `the socket path has ${length} bytes; choose one of at most ${LONGEST_PATH}`,
    );
  }
  const found = statOf(path);
  if (found === undefined) {
    checkFolder(path);
    return;
  }
  if (!found.isSocket()) {
    throw new StartError(
      "ERR_START_SOCKET_TAKEN",
      `${shown} exists and is no socket; remove it or choose another path`,
    );
  }
  switch (await whoAnswers(path)) {
    case "nobody":
      return removeSocket(path);
    case "somebody":
      throw new StartError(
        "ERR_START_SOCKET_IN_USE",
        `a server answers on ${shown} already; stop it or choose another path`,
      );
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // Part of the path is a file, or closed to this user: `checkFolder` says so.
    return undefined;
  }
}

function checkFolder(path: string): void {
  const folder = dirname(path);
  try {
    if (statSync(folder).isDirectory()) return;
  } catch {
    // Said below.
  }
  throw new StartError(
    "ERR_START_SOCKET_FOLDER",
    `there is no folder ${shownPath(folder)} for the socket; create it or choose another path`,
  );
}

/** Only a refused connection proves that nobody listens; whatever else goes wrong, somebody might. */
function whoAnswers(path: string): Promise<"nobody" | "somebody"> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve("somebody");
    });
    socket.once("error", (error) => {
      const code = systemErrorCode(error);
      resolve(code === "ECONNREFUSED" || code === "ENOENT" ? "nobody" : "somebody");
    });
  });
}

function removeSocket(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return;
    throw new StartError(
      "ERR_START_SOCKET_FOLDER",
      `cannot remove the dead socket ${shownPath(path)}; remove it as its owner or choose another path`,
      { cause: error },
    );
  }
}
