// The second implementation of conditions and ranges: slow, obvious, and made of other means than the one in src/. Bytes are looked at one by one,
// numbers have no limit, lists are matched as a whole.

export interface ObviousFile {
  readonly size: number;
  readonly tag: string;
  /** Its tag matches nothing. */
  readonly isProvisional: boolean;
  /** Milliseconds, whole seconds. */
  readonly date: number | undefined;
  readonly isCoded: boolean;
}

export type ObviousAnswer =
  | "whole"
  | "notModified"
  | "preconditionFailed"
  | "unsatisfiable"
  | readonly (readonly [first: number, last: number])[];

/** Field name in lower case → value. */
export type ObviousFields = Readonly<Record<string, string | undefined>>;

const TAG = String.raw`(?:W/)?"[!#-~\x80-\xff]*"`;
const LIST = new RegExp(`^(?:[ \t]*(?:${TAG})?[ \t]*,)*[ \t]*(?:${TAG})?[ \t]*$`);

export function obviousAnswer(method: string, fields: ObviousFields, file: ObviousFile): ObviousAnswer {
  const isRead = ["GET", "HEAD"].includes(method);

  const ifMatch = fields["if-match"];
  if (ifMatch !== undefined) {
    const isNamed = tagsIn(ifMatch).some((tag) => !file.isProvisional && tag === file.tag && tag[0] === '"');
    if (ifMatch !== "*" && !isNamed) return "preconditionFailed";
  } else {
    const limit = dateIn(fields["if-unmodified-since"]);
    if (limit !== undefined && file.date !== undefined && file.date > limit) return "preconditionFailed";
  }

  const ifNoneMatch = fields["if-none-match"];
  if (ifNoneMatch !== undefined) {
    const bare = (tag: string): string => tag.replace(/^W\//, "");
    const isNamed = tagsIn(ifNoneMatch).some((tag) => !file.isProvisional && bare(tag) === bare(file.tag));
    if (ifNoneMatch === "*" || isNamed) return isRead ? "notModified" : "preconditionFailed";
  } else if (isRead) {
    const since = dateIn(fields["if-modified-since"]);
    if (since !== undefined && file.date !== undefined && file.date <= since) return "notModified";
  }

  if (method !== "GET" || fields["range"] === undefined) return "whole";
  const ifRange = fields["if-range"];
  if (ifRange !== undefined) {
    const isYoung = file.tag[0] === "W";
    const isSameTag = ifRange === file.tag;
    const isSameDate = dateIn(ifRange) !== undefined && dateIn(ifRange) === file.date;
    if (isYoung || !(isSameTag || isSameDate)) return "whole";
  }
  const parts = partsIn(fields["range"], file.size);
  return Array.isArray(parts) && parts.length > 1 && file.isCoded ? "whole" : parts;
}

/** None for what is no list. */
function tagsIn(value: string): string[] {
  return LIST.test(value) ? [...value.matchAll(new RegExp(TAG, "g"))].map(([tag]) => tag) : [];
}

/** Only the format that these tests write. */
function dateIn(value: string | undefined): number | undefined {
  if (value === undefined || !/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/.test(value)) return undefined;
  return Date.parse(value);
}

function partsIn(value: string, size: number): ObviousAnswer {
  const set = /^bytes=(.*)$/i.exec(value)?.[1];
  if (set === undefined) return "whole";
  const specs = set.split(/[ \t]*,[ \t]*/).map((spec) => spec.replace(/^[ \t]+|[ \t]+$/g, ""));
  const given = specs.filter((spec) => spec !== "");
  if (given.length === 0 || given.length > 256) return "whole";
  if (!given.every((spec) => /^(?:\d+-\d*|-\d+)$/.test(spec))) return "whole";

  const wanted = new Set<number>();
  const firsts: number[] = [];
  let isSatisfiable = false;
  for (const spec of given) {
    const [first, last] = spec.split("-").map((digits) => (digits === "" ? undefined : BigInt(digits)));
    if (first !== undefined && last !== undefined && first > last) return "whole";
    const positions: number[] = [];
    for (let at = 0; at < size; at++) {
      const isIn =
        first === undefined
          ? BigInt(size - at) <= last!
          : BigInt(at) >= first && (last === undefined || BigInt(at) <= last);
      if (isIn) positions.push(at);
    }
    if (positions.length > 0 || (first === undefined && last! > 0n)) isSatisfiable = true;
    if (positions.length > 0) firsts.push(positions[0]!);
    for (const at of positions) wanted.add(at);
  }
  if (!isSatisfiable) return "unsatisfiable";
  if (size === 0) return "whole";

  // Whatever touches is one part, in the place of the first that asked for a piece of it.
  const parts = firsts.map((position): readonly [number, number] => {
    let [first, last] = [position, position];
    while (wanted.has(first - 1)) first--;
    while (wanted.has(last + 1)) last++;
    return [first, last];
  });
  const different = parts.filter(([first], index) => parts.findIndex(([other]) => other === first) === index);
  const bytes = different.reduce((sum, [first, last]) => sum + last - first + 1 + 160, 0);
  return different.length > 16 && bytes >= size ? "whole" : different;
}
