// What may be meant by a word of the command line that is no folder.
import { isIPv4 } from "node:net";

import { makeVisible } from "../text/visible.ts";
import { findOption } from "./find-option.ts";

/** Dashes and a minus that editors, chats and web pages make of hyphens. */
const LONG_DASHES = /^[-\u2010-\u2015\u2212]*[\u2010-\u2015\u2212][-\u2010-\u2015\u2212]*(.*)$/s;

/** `:8080`, `localhost:8080`, `http://127.0.0.1:8080/`, `[::1]:8080` */
const HOST_AND_PORT = /^(?:https?:\/\/)?([\w.-]*|\[[\da-f:]+\]):(\d+)\/?$/i;

/** A clause; `undefined` if it looks like a folder that is not there. */
export function meantByWord(word: string): string | undefined {
  const [, dashed] = LONG_DASHES.exec(word) ?? [];
  if (dashed !== undefined) {
    const hyphens = dashed.length > 1 ? "--" : "-";
    return `its dash is a long one, and options begin with hyphens: ${hyphens}${makeVisible(dashed)}`;
  }
  const [, host, port] = HOST_AND_PORT.exec(word) ?? [];
  if (port !== undefined) {
    return host === ""
      ? `the port is a number alone: htbin ${port}`
      : `port and address are apart: htbin ${port} --bind ${host}`;
  }
  if (isIPv4(word) || word === "localhost") return `an address goes behind --bind: --bind ${word}`;
  if (findOption(word) !== undefined) return `the option is --${word}`;
  if (/^(?:serve|server|start|run)$/.test(word)) return "there is no such command; htbin serves at once";
  if (word.startsWith("~")) return "a shell puts your home in the place of ~ only where no quotes are";
  return undefined;
}
