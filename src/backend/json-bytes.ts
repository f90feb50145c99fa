/** Bytes of UTF-8 that `text` takes. A lone surrogate counts as the three bytes of its replacement. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else if (isPairAt(text, index, code)) {
      // Two units, four bytes.
      bytes += 2;
      index += 1;
    } else bytes += 2;
  }
  return bytes;
}

/** Bytes of UTF-8 that `text` takes inside a JSON string, without the quotes. Never less than what `JSON.stringify` makes. */
export function jsonTextBytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20) bytes += code === 0x0a || code === 0x0d || code === 0x09 ? 1 : 5;
    else if (code === 0x22 || code === 0x5c) bytes += 1;
    else if (code < 0x80) continue;
    else if (code < 0x800) bytes += 1;
    else if (isPairAt(text, index, code)) {
      bytes += 2;
      index += 1;
    } else bytes += code >= 0xd800 && code <= 0xdfff ? 5 : 2;
  }
  return bytes;
}

function isPairAt(text: string, index: number, code: number): boolean {
  if (code < 0xd800 || code > 0xdbff) return false;
  const next = text.charCodeAt(index + 1);
  return next >= 0xdc00 && next <= 0xdfff;
}
