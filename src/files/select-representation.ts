// In which form a file is sent: as it is, as the compressed copy beside it, or compressed
// here (RFC 9110 §12.1, §12.5.3).

import type { Stats } from "node:fs";
import { acceptedCodings, type ContentCoding } from "./accept-encoding.ts";
import { compressedContent, keptContent } from "./compressed-content.ts";
import { isCompressible, isInSizeBand } from "./compressible.ts";
import { canCompress, encoderName, isCompressorBusy } from "./compressor.ts";
import type { Content } from "./file-content.ts";
import { openPrecompressedCopy } from "./precompressed-copy.ts";
import type { Representation, Validators } from "./representation.ts";
import type { Resource, ResourceOptions } from "./resolve-resource.ts";

export type FileResource = Resource & { readonly kind: "file" };

export interface SelectedRepresentation {
  /** Of the file on disk that the bytes come from. */
  readonly stats: Stats;
  /** Of that file: with `tagSuffix` those of this form of it. */
  readonly validators: Validators;
  /** What is to be closed, whatever happens. While `mustCompress`, that is the file as it is. */
  readonly content: Content;
  /** For Content-Encoding. */
  readonly coding: ContentCoding | undefined;
  /** For the entity tag: two forms of one file never have the same one (RFC 9110 §8.8.3). */
  readonly tagSuffix: string;
  /** Another client may get another form: `Vary: Accept-Encoding`, also on what is sent without a coding. */
  readonly isNegotiated: boolean;
  /** `compressSelected()` has to make the bytes. Conditions can be decided before. */
  readonly mustCompress: boolean;
}

/**
 * Chooses among the forms that the client accepts: first what it likes best; then a copy on disk
 * before what costs time here.
 *
 * Where it accepts none, not even the file as it is, that is sent all the same: RFC 9110 §12.4.1 lets a
 * server disregard the field, and a client that can do nothing with an uncoded file can do no more with 406.
 * @param mediaType of the file; only those that shrink are negotiated
 * @param acceptEncoding the field of the request
 */
export function selectRepresentation(
  file: FileResource,
  mediaType: string,
  acceptEncoding: string | undefined,
  options: ResourceOptions,
): SelectedRepresentation {
  if (!isCompressible(mediaType)) return fileAsItIs(file);
  for (const codings of acceptedCodings(acceptEncoding)) {
    for (const coding of codings) {
      const copy = openPrecompressedCopy(file.path, file.stats, coding, options);
      if (copy === undefined) continue;
      file.content.close();
      const { stats, validators, content } = copy;
      return {
        stats,
        validators,
        content,
        coding,
        tagSuffix: `-${coding}`,
        isNegotiated: true,
        mustCompress: false,
      };
    }
    const coding = isInSizeBand(file.stats.size) ? codings.find(canCompress) : undefined;
    if (coding !== undefined) return compressedHere(file, coding, options);
  }
  return uncodedForm(file);
}

/**
 * The one form of what is not negotiated.
 * @param coding that is part of the file's type
 */
export function fileAsItIs(
  { stats, validators, content }: FileResource,
  coding?: ContentCoding,
): SelectedRepresentation {
  return { stats, validators, content, coding, tagSuffix: "", isNegotiated: false, mustCompress: false };
}

/** What was selected, to decide about and to send; while `mustCompress`, of the size of the file as it is. */
export function representationOf(
  { validators, tagSuffix, content, coding, isNegotiated }: SelectedRepresentation,
  mediaType: string,
): Representation {
  return {
    validators: tagSuffix === "" ? validators : withSuffix(validators, tagSuffix),
    size: content.size,
    contentCoding: coding,
    mediaType,
    isNegotiated,
    content,
  };
}

function withSuffix(validators: Validators, suffix: string): Validators {
  return { ...validators, entityTag: `${validators.entityTag.slice(0, -1)}${suffix}"` };
}

/**
 * Compresses what was selected and has to be.
 * @returns what is to be sent; it has nothing to close
 * @throws {HTTPRequestError} 500 if the file has become shorter
 */
export async function compressSelected(
  path: string,
  { stats, content, coding }: SelectedRepresentation,
  { root, cache, cacheMemory }: ResourceOptions,
): Promise<Content> {
  return coding === undefined
    ? content
    : compressedContent({ path, stats, coding, root, cache, cacheMemory }, content);
}

function compressedHere(
  file: FileResource,
  coding: ContentCoding,
  { root, cache, cacheMemory }: ResourceOptions,
): SelectedRepresentation {
  const { path, stats, validators } = file;
  const kept = keptContent({ path, stats, coding, root, cache, cacheMemory });
  // The file as it is, is right as well, and costs nobody a wait.
  if (kept === undefined && isCompressorBusy()) return uncodedForm(file);
  if (kept !== undefined) file.content.close();
  return {
    stats,
    validators,
    content: kept ?? file.content,
    coding,
    tagSuffix: `-${encoderName(coding)}`,
    isNegotiated: true,
    mustCompress: kept === undefined,
  };
}

/** The file as it is, for this client. */
function uncodedForm({ stats, validators, content }: FileResource): SelectedRepresentation {
  return {
    stats,
    validators,
    content,
    coding: undefined,
    tagSuffix: "",
    isNegotiated: true,
    mustCompress: false,
  };
}
