// A URL as a QR code for a terminal.

/** Lines of half blocks, light on dark as well as dark on light: a border goes round it. */
export async function qrCode(url: string): Promise<string> {
  const { renderUnicodeCompact } = await import("uqr");
  return `${renderUnicodeCompact(url, { border: 2 })}\n`;
}
