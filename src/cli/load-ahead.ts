// Loads what only some requests need, while there is time: when descriptors have run out no file can be
// opened, and a module whose loading fails once fails for ever (Node 20 and 22). A folder would have no
// listing, and scripts the slow road, until the next start.

/**
 * Never rejects: what cannot be loaded is said to who needs it.
 * @param hasScripts what starts them as well
 */
export async function loadAhead(hasScripts: boolean): Promise<void> {
  const parts = [
    import("../files/listing.ts"),
    import("../files/archive.ts"),
    import("../files/directory-entries.ts"),
  ];
  await Promise.allSettled(parts);
  if (!hasScripts) return;
  const { prepareStart } = await import("../cgi/start-process.ts");
  await prepareStart();
}
