// What holds for every page, however it is looked at.

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Opens one page of the console (signed in already) and waits until it has what it shows. */
export async function show(page, { url, address, wait }) {
  await page.goto(url + address);
  await page.locator(wait ?? 'h1').first().waitFor();
  await page.locator('.waiting').first().waitFor({ state: 'detached' });
}

/** What axe finds against WCAG 2.2 A and AA; the article's own frame is its author's. */
export async function violations(page, { within }, { axe }) {
  const { default: fs } = await import('node:fs');
  // Not as a script of the page: its policy would refuse that.
  await page.evaluate(fs.readFileSync(axe, 'utf8'));
  return page.evaluate(async ([tags, root]) => {
    const found = await window.axe.run(root ?? document, { runOnly: { type: 'tag', values: tags }, iframes: false });
    return found.violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.target.join(' ')} ${node.failureSummary?.replace(/\s+/g, ' ')}`));
  }, [WCAG, within ?? null]);
}

/** By how many pixels the page is wider than the window, and what sticks out. */
export async function overflow(page) {
  return page.evaluate(() => {
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    const who = wide > 0 ? [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5).slice(0, 5).map(one => `${one.tagName}.${one.className}`) : [];
    return { wide, who };
  });
}

export async function picture(page, { name }, tools) {
  await tools.picture(name);
}

/** Bytes over the wire, heads left out, until the sign-in page is painted and quiet. */
export async function firstPaint(page, { url }) {
  const requests = [];
  page.on('requestfinished', request => requests.push(request));
  await page.goto(`${url}/console`, { waitUntil: 'networkidle' });
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  const sizes = await Promise.all(requests.map(async request => [new URL(request.url()).pathname, (await request.sizes()).responseBodySize]));
  return Object.fromEntries(sizes);
}
