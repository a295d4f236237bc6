// Opens a URL in the user's browser.
import { spawn } from "node:child_process";

/** How long a program may take to say that it cannot. */
const PATIENCE_MS = 3_000;

interface Opener {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * What opens a URL on a system: a program and its arguments, never a shell, which would read a URL as
 * commands. `undefined` where there is nobody to show it to.
 */
export function browserOpener(
  url: string,
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): Opener | undefined {
  switch (platform) {
    case "darwin":
      return { command: "open", args: [url] };
    case "win32":
      // Not `start`, which is a command of the shell.
      return { command: "rundll32", args: ["url.dll,FileProtocolHandler", url] };
    default:
      // Without a screen xdg-open would start a browser in the terminal, if it found one.
      if (!env["DISPLAY"] && !env["WAYLAND_DISPLAY"] && !env["BROWSER"] && !env["WSL_DISTRO_NAME"])
        return undefined;
      return { command: env["WSL_DISTRO_NAME"] ? "wslview" : "xdg-open", args: [url] };
  }
}

/** Opens the URL. @returns why it could not, as a sentence without its full stop */
export async function openBrowser(
  url: string,
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const opener = browserOpener(url, platform, env);
  if (opener === undefined) return `there is no screen to open a browser on; open ${url} elsewhere`;
  const { command, args } = opener;
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "ignore", detached: true, env });
    const settle = (problem: string | undefined): void => {
      clearTimeout(timer);
      child.unref();
      resolve(problem);
    };
    // A browser that is the program's own process stays: no news is good news.
    const timer = setTimeout(() => settle(undefined), PATIENCE_MS);
    child.once("error", () =>
      settle(`there is no program ${command} to open a browser with; open ${url} yourself`),
    );
    child.once("exit", (code) =>
      settle(code === 0 ? undefined : `${command} could not open a browser; open ${url} yourself`),
    );
  });
}
