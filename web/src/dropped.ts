// What was dropped or chosen: a zip as it is, or a folder with everything below it.

export type Dropped = { zip: File } | { name: string; files: { path: string; file: File }[] };

const JUNK = /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|\.git\/.*|__MACOSX\/.*)$/;

async function below(entry: FileSystemEntry, prefix: string, into: { path: string; file: File }[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    into.push({ path: prefix + entry.name, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives at most a hundred at a time.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const child of some) await below(child, `${prefix}${entry.name}/`, into);
  }
}

/** Without the folder's own name in front: the package's files stand at the top. */
function withoutTop(files: { path: string; file: File }[]): Dropped {
  const name = files[0]?.path.split('/')[0] ?? 'folder';
  return {
    name,
    files: files.map(({ path, file }) => ({ path: path.slice(name.length + 1), file })).filter(({ path }) => path && !JUNK.test(path)),
  };
}

export async function fromDrop(transfer: DataTransfer): Promise<Dropped> {
  const entries = [...transfer.items].map(item => item.webkitGetAsEntry?.()).filter((entry): entry is FileSystemEntry => !!entry);
  if (entries.length > 1) throw new Error(`Drop one package: a zip or a folder. ${entries.length} things were dropped.`);
  const [entry] = entries;
  if (entry?.isDirectory) {
    const files: { path: string; file: File }[] = [];
    await below(entry, '', files);
    return checked(withoutTop(files));
  }
  const [file] = transfer.files;
  if (!file) throw new Error('Nothing that can be sent was dropped: drop a zip or a folder.');
  return fromFile(file);
}

export function fromFile(file: File): Dropped {
  if (!/\.zip$/i.test(file.name)) throw new Error(`${file.name} is no zip. A package is a .zip file, or a folder.`);
  if (file.size === 0) throw new Error(`${file.name} is empty.`);
  return { zip: file };
}

export function fromFolder(list: FileList): Dropped {
  return checked(withoutTop([...list].map(file => ({ path: file.webkitRelativePath, file }))));
}

/** Says at once what the server would say after the upload. */
function checked(dropped: Dropped): Dropped {
  if ('zip' in dropped) return dropped;
  const known = /(^|\/)knowledgehub\/(knowledge(hub)?\.json|articles\/articles?\.json)$/;
  if (dropped.files.length === 0) throw new Error(`The folder ${dropped.name} is empty.`);
  const zips = dropped.files.filter(({ path }) => /^[^/]+\.zip$/i.test(path));
  if (!dropped.files.some(({ path }) => known.test(path))) {
    throw new Error(`The folder ${dropped.name} is no package: it has neither knowledgehub/knowledgehub.json nor knowledgehub/articles/articles.json.${
      zips.length > 0 ? ` It holds ${zips.map(({ path }) => path).join(', ')}: drop the zip itself.` : ''} “waybill pack” makes a package of a folder of HTML files.`);
  }
  return dropped;
}

/** A folder as a zip; `progress` is called with how many files of how many are in it. */
export function zipOf(dropped: Dropped, progress: (packed: number, of: number) => void, stop: AbortSignal): Promise<Blob> {
  if ('zip' in dropped) return Promise.resolve(dropped.zip);
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./zip_worker.ts', import.meta.url), { type: 'module' });
    const end = (then: () => void): void => {
      worker.terminate();
      then();
    };
    worker.onmessage = ({ data }: MessageEvent<import('./zip_worker').PackAnswer>) => {
      if ('zip' in data) end(() => resolve(data.zip));
      else if ('failed' in data) end(() => reject(new Error(`The folder could not be packed: ${data.failed}`)));
      else progress(data.packed, data.of);
    };
    worker.onerror = event => end(() => reject(new Error(`The folder could not be packed: ${event.message}`)));
    stop.addEventListener('abort', () => end(() => reject(new DOMException('stopped', 'AbortError'))));
    worker.postMessage({ files: dropped.files });
  });
}
