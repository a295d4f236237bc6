// Whether a refusal of the system says something about what was asked for, or only about the moment.

/** Processes, descriptors or memory have run out: nobody is to blame, and a later try may succeed. */
export function hasNoRoom(code: string | undefined): boolean {
  return code === "EAGAIN" || code === "EMFILE" || code === "ENFILE" || code === "ENOMEM";
}
