// The options that every listener takes which may send files.

import type { SimpleHTTPRequestHandler } from "../files/simple-http-request-handler.ts";

/** The fields of `SimpleHTTPRequestHandler` that are worth setting; what is left out is as in the class. */
export interface FileFields extends Partial<
  Pick<
    SimpleHTTPRequestHandler,
    | "archives"
    | "auth"
    | "base"
    | "cacheMemory"
    | "compress"
    | "cors"
    | "directory"
    | "dotfiles"
    | "extensionsMap"
    | "extraResponseHeaders"
    | "followSymlinks"
    | "indexPages"
    | "listing"
    | "maxAge"
    | "single"
  >
> {}

export const FILE_FIELDS: { readonly [Name in keyof FileFields]-?: true } = {
  archives: true,
  auth: true,
  base: true,
  cacheMemory: true,
  compress: true,
  cors: true,
  directory: true,
  dotfiles: true,
  extensionsMap: true,
  extraResponseHeaders: true,
  followSymlinks: true,
  indexPages: true,
  listing: true,
  maxAge: true,
  single: true,
};
