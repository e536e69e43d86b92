// Packs a folder into a zip beside the page, file after file, so that nothing stalls.

import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';

export interface PackRequest { files: { path: string; file: File }[] }
export type PackAnswer = { packed: number; of: number } | { zip: Blob } | { failed: string };

// What is compressed already gains nothing.
const PACKED = /\.(png|jpe?g|gif|webp|zip|gz|pdf|mp4|docx|xlsx|pptx|woff2?)$/i;
const post = (answer: PackAnswer): void => postMessage(answer);

async function pack({ files }: PackRequest): Promise<Blob> {
  const chunks: BlobPart[] = [];
  let failed: Error | null = null;
  const zip = new Zip((error, chunk) => {
    if (error) failed = error;
    else chunks.push(chunk as Uint8Array<ArrayBuffer>);
  });
  let told = 0;
  for (const [index, { path, file }] of files.entries()) {
    const entry = PACKED.test(path) ? new ZipPassThrough(path) : new ZipDeflate(path, { level: 4 });
    zip.add(entry);
    const reader = file.stream().getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) entry.push(part.value);
    entry.push(new Uint8Array(), true);
    if (failed) throw failed;
    if (Date.now() - told > 100) {
      told = Date.now();
      post({ packed: index + 1, of: files.length });
    }
  }
  zip.end();
  return new Blob(chunks, { type: 'application/zip' });
}

addEventListener('message', (event: MessageEvent<PackRequest>) => {
  pack(event.data).then(zip => post({ zip }), (error: Error) => post({ failed: error.message }));
});
