// Entity tags: how they are listed, and the two ways to compare them (RFC 9110 §8.8.3).

// entity-tag = [ weak ] opaque-tag
// weak       = %s"W/"
// opaque-tag = DQUOTE *etagc DQUOTE
// etagc      = %x21 / %x23-7E / obs-text
const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/y;

/** How two tags are compared: `strongEqual` or `weakEqual`. */
export type TagComparison = (a: string, b: string) => boolean;

/** Strong comparison: the same, and neither is weak (§8.8.3.2). */
export function strongEqual(a: string, b: string): boolean {
  return a === b && isStrong(a);
}

/** Weak comparison: the same but for a mark of weakness (§8.8.3.2). */
export function weakEqual(a: string, b: string): boolean {
  return opaqueTag(a) === opaqueTag(b);
}

export function isStrong(tag: string): boolean {
  return !tag.startsWith("W/");
}

function opaqueTag(tag: string): string {
  return isStrong(tag) ? tag : tag.slice(2);
}

/**
 * The tags of a list, in order; `undefined` for what is no list of tags. A comma inside a tag does not end
 * it. Empty members are ignored (RFC 9110 §5.6.1.2).
 */
export function entityTagList(value: string): string[] | undefined {
  const tags: string[] = [];
  let at = 0;
  for (;;) {
    at = skipBlanks(value, at);
    if (value[at] !== "," && at < value.length) {
      ENTITY_TAG.lastIndex = at;
      const tag = ENTITY_TAG.exec(value)?.[0];
      if (tag === undefined) return undefined;
      tags.push(tag);
      at = skipBlanks(value, at + tag.length);
    }
    if (at >= value.length) return tags;
    if (value[at] !== ",") return undefined;
    at++;
  }
}

function skipBlanks(value: string, at: number): number {
  while (value[at] === " " || value[at] === "\t") at++;
  return at;
}
