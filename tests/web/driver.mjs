// Debian's Chromium by Playwright, told what to do by lines of JSON on its input; each is answered by one on its output.
//   {"open": {"width": 1280, "height": 800, "dark": false, "mobile": false}}   a fresh browser context with one page
//   {"do": "steps.mjs:signIn", "args": {…}}   calls the function with (page, args, tools), answers {"value": …}
//   {"problems": true}   what the page complained of since it was opened: errors of its console, broken policies
// A failure is answered by {"error": …, "picture": path}. It ends when its input does.
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [peers, chromium, pictures] = process.argv.slice(2);
const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(path.join(peers, 'node_modules', 'x.js'));
const playwright = require('playwright-core');

const browser = await playwright.chromium.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
let context;
let page;
let problems = [];
let failures = 0;

async function open({ width = 1280, height = 800, dark = false, mobile = false, zone = 'Europe/Berlin' }) {
  await context?.close();
  problems = [];
  context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    locale: 'en-GB',
    timezoneId: zone,
    hasTouch: mobile,
    isMobile: mobile,
    acceptDownloads: true,
  });
  context.setDefaultTimeout(20_000);
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', event => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  page = await context.newPage();
  page.on('console', message => { if (message.type() === 'error') problems.push(message.text()); });
  page.on('pageerror', error => problems.push(String(error)));
}

const tools = {
  axe: require.resolve('axe-core/axe.min.js'),
  // The whole page, but no more of a long one than a person looks at.
  picture: async name => {
    const size = await page.evaluate(() => ({ width: innerWidth, height: Math.min(1600, Math.max(innerHeight, document.documentElement.scrollHeight)) }));
    await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true, clip: { x: 0, y: 0, ...size } });
  },
};

async function answer(command) {
  if (command.open) return open(command.open);
  if (command.problems) return problems;
  const [file, name] = command.do.split(':');
  const module = await import(pathToFileURL(path.join(here, file)));
  return module[name](page, command.args ?? {}, tools);
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  let said;
  try {
    said = { value: (await answer(JSON.parse(line))) ?? null };
  } catch (error) {
    const picture = path.join(pictures, `failure-${(failures += 1)}.png`);
    await page?.screenshot({ path: picture, fullPage: true }).catch(() => undefined);
    said = { error: String(error.stack ?? error), picture };
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
await browser.close();
