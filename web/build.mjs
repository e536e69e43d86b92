// node build.mjs FOLDER [--or-none]: fetches the libraries that package-lock.json pins where they are not here yet, checks
// types, builds the pages with Vite into FOLDER/dist, compresses every file, and writes FOLDER/assets_data.S (the bytes),
// assets_table.cpp (the table that src/web/assets.h declares) and assets.d (what it all depends on, for the build tool).
// With --or-none, where the libraries cannot be had, it says so and the table is empty.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? 'build');
const dist = path.join(out, 'dist');
const packed = path.join(out, 'packed');
const read = new Set(['package.json', 'package-lock.json', 'vite.config.ts', 'tsconfig.json', 'build.mjs'].map(name => path.join(root, name)));

const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json',
};

function noteSources() {
  return {
    name: 'note-sources',
    moduleParsed({ id }) {
      const file = id.replace(/^\0/, '').replace(/\?.*$/, '');
      if (path.isAbsolute(file) && file.startsWith(path.dirname(root)) && !file.includes('node_modules')) read.add(file);
    },
  };
}

function filesBelow(folder, prefix = '') {
  return readdirSync(path.join(folder, prefix), { withFileTypes: true }).flatMap(entry => {
    const name = path.posix.join(prefix, entry.name);
    return entry.isDirectory() ? filesBelow(folder, name) : [name];
  }).sort();
}

/** Where a compressed form of these bytes is kept from build to build: most files stay as they are, and Brotli takes its time. */
function compressed(hash, ending, plain, compress) {
  const file = path.join(packed, `${hash}.${ending}`);
  if (!existsSync(file)) writeFileSync(file, compress(plain));
  // Only where it is worth its header.
  return statSync(file).size < plain.length * 0.9 ? file : null;
}

/** The files that hold the three forms of one. */
function forms(name, hash, plain) {
  return {
    plain: path.join(dist, name),
    gzip: compressed(hash, 'gz', plain, bytes => gzipSync(bytes, { level: 9 })),
    brotli: compressed(hash, 'br', plain, bytes => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })),
  };
}

/** Brings the libraries where the lock file is newer than they; false where they cannot be had. */
function fetchLibraries() {
  const stamp = path.join(root, 'node_modules', '.package-lock.json');
  const changed = file => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (changed(stamp) > changed(path.join(root, 'package-lock.json'))) return true;
  try {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  } catch {
    return false;
  }
  const now = new Date();
  utimesSync(stamp, now, now);
  return true;
}

function writeTable(declared, rows) {
  writeFileSync(path.join(out, 'assets_table.cpp'), `#include <array>

#include "web/assets.h"

extern "C" {
${declared.join('\n')}
}

namespace waybill::web {

std::span<const Asset> assets() {
  static const std::array<Asset, ${rows.length}> kAssets = {${rows.length > 0 ? `{\n${rows.join('\n')}\n  }` : ''}};
  return kAssets;
}

}  // namespace waybill::web
`);
}

// Without this note the linker would make the stack executable.
const writeData = lines => writeFileSync(path.join(out, 'assets_data.S'), ['  .section .rodata', ...lines, '  .section .note.GNU-stack,"",@progbits', ''].join('\n'));

function embed() {
  mkdirSync(packed, { recursive: true });
  const data = [];
  const declared = [];
  const rows = [];
  filesBelow(dist).forEach((name, number) => {
    const type = TYPES[path.extname(name).slice(1)];
    if (!type) throw new Error(`${name}: build.mjs knows no media type for it`);
    const plain = readFileSync(path.join(dist, name));
    const hash = createHash('sha256').update(plain).digest('hex').slice(0, 32);
    const views = Object.entries(forms(name, hash, plain)).map(([form, file]) => {
      if (!file) return 'std::string_view()';
      const symbol = `waybill_asset_${number}_${form}`;
      data.push(`  .global ${symbol}`, `${symbol}:`, `  .incbin "${file}"`);
      declared.push(`extern const char ${symbol}[];`);
      return `std::string_view(${symbol}, ${statSync(file).size})`;
    });
    rows.push(`      Asset{"${name}", "${type}", "${hash}",\n            ${views.join(', ')}},`);
  });
  writeData(data);
  writeTable(declared, rows);
}

function writeDependencies() {
  const escaped = [...read].sort().map(file => file.replace(/ /g, '\\ '));
  writeFileSync(path.join(out, 'assets.d'), `${path.join(out, 'assets_data.S')} ${path.join(out, 'assets_table.cpp')}: ${escaped.join(' ')}\n`);
}

mkdirSync(out, { recursive: true });
if (fetchLibraries()) {
  const { build } = await import('vite');
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '--noEmit', '--incremental', '--tsBuildInfoFile', path.join(out, 'types'), '-p', root], { stdio: 'inherit' });
  await build({ root, logLevel: 'warn', plugins: [noteSources()], build: { outDir: dist, emptyOutDir: true } });
  // A folder's time tells of a page that is new in it.
  for (const folder of ['docs/rules'].map(name => path.join(root, '..', name))) if (existsSync(folder)) read.add(folder);
  for (const file of filesBelow(path.join(root, 'src'))) read.add(path.join(root, 'src', file));
  embed();
} else if (process.argv.includes('--or-none')) {
  console.warn('WARNING: the libraries of web/package.json cannot be had from npm. The server is built WITHOUT console and /docs. To try again: touch web/package.json');
  writeData([]);
  writeTable([], []);
} else {
  console.error('The libraries of web/package.json cannot be had from npm. -DWAYBILL_CONSOLE=OFF builds a server without console and /docs.');
  process.exit(1);
}
writeDependencies();
