// Packages that were dropped onto this page, by the path under which the server has them: while the tab is open their
// files can be shown at the very line of a finding.

import { nameUpload } from './format';

const MOST = 4;
const kept = new Map<string, Blob>();

export function keepPackage(path: string, zip: Blob, name?: string): void {
  if (name) nameUpload(path, name);
  kept.set(path, zip);
  while (kept.size > MOST) kept.delete(kept.keys().next().value!);
}

export const keptPackage = (path: string): Blob | undefined => kept.get(path);

interface Entry { name: string; method: number; packed: number; offset: number }

const END_BYTES = 65_557; // the end record with the longest comment (APPNOTE 4.3.16)

async function view(zip: Blob, from: number, to: number): Promise<DataView> {
  return new DataView(await zip.slice(from, to).arrayBuffer());
}

/** The zip's directory, as far as our own files need it: no Zip64, which a browser could not hold anyway. */
async function directory(zip: Blob): Promise<Entry[]> {
  const begin = Math.max(0, zip.size - END_BYTES);
  const end = await view(zip, begin, zip.size);
  let at = end.byteLength - 22;
  while (at >= 0 && end.getUint32(at, true) !== 0x06054b50) at -= 1;
  if (at < 0) return [];
  const count = end.getUint16(at + 10, true);
  const size = end.getUint32(at + 12, true);
  const offset = end.getUint32(at + 16, true);
  const rows = await view(zip, offset, offset + size);
  const entries: Entry[] = [];
  const utf8 = new TextDecoder();
  for (let row = 0, place = 0; row < count && place + 46 <= rows.byteLength; row += 1) {
    const nameLength = rows.getUint16(place + 28, true);
    const rest = rows.getUint16(place + 30, true) + rows.getUint16(place + 32, true);
    entries.push({
      name: utf8.decode(new Uint8Array(rows.buffer, place + 46, nameLength)),
      method: rows.getUint16(place + 10, true),
      packed: rows.getUint32(place + 20, true),
      offset: rows.getUint32(place + 42, true),
    });
    place += 46 + nameLength + rest;
  }
  return entries;
}

const MOST_TEXT = 64 * 1024 * 1024;

/** The text of a file of the package; undefined where it is not there or cannot be read. */
export async function fileText(zip: Blob, file: string): Promise<string | undefined> {
  const entries = await directory(zip);
  // A package may lie below one top folder.
  const entry = entries.find(one => one.name === file) ?? entries.find(one => one.name.replace(/^[^/]+\//, '') === file);
  if (!entry || entry.packed > MOST_TEXT) return undefined;
  const head = await view(zip, entry.offset, entry.offset + 30);
  const begin = entry.offset + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const bytes = zip.slice(begin, begin + entry.packed);
  if (entry.method === 0) return bytes.text();
  if (entry.method !== 8) return undefined;
  return new Response(bytes.stream().pipeThrough(new DecompressionStream('deflate-raw'))).text();
}
