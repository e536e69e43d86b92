// An article that means harm: what of it gets through.

/** Shows the article and says what ran, what was asked for elsewhere, and what is left in the frame. */
export async function showHostile(page, { url, address }) {
  await page.goto(url + address);
  const body = page.frameLocator('iframe.article-frame').locator('body');
  await body.getByText('Harmless text').waitFor();
  await page.waitForLoadState('networkidle');
  const frame = page.frames().find(one => one.url().includes('article-frame'));
  const left = await frame.evaluate(() => ({
    active: [...document.querySelectorAll('script, iframe, object, embed, form, meta[http-equiv], base, link:not([href*="/console/assets/"])')].map(one => one.outerHTML),
    handlers: [...document.querySelectorAll('*')].flatMap(one => [...one.attributes]).filter(one => /^on/i.test(one.name) || /^\s*javascript:/i.test(one.value)).map(one => one.name),
  }));
  return { ran: await ran(page), left };
}

const ran = page => page.evaluate(() => window.__ran ?? null);

/** Puts markup into the frame as it is, past the cleaning: the frame itself must run nothing of it. */
export async function injectUncleaned(page, { markup }) {
  const frame = page.frames().find(one => one.url().includes('article-frame'));
  await frame.evaluate(text => { document.body.innerHTML = text; }, markup);
  for (const anchor of await frame.locator('a').all()) await anchor.click({ force: true, timeout: 2_000 }).catch(() => undefined);
  await page.waitForLoadState('networkidle');
  return { ran: await ran(page), address: page.url() };
}

/** The policy keeps the page itself from running what somebody gets into it. */
export async function injectIntoPage(page) {
  return page.evaluate(async () => {
    const image = document.createElement('div');
    image.innerHTML = '<img src="/gone.png" onerror="window.__ran = \'page\'">';
    document.body.append(image);
    const script = document.createElement('script');
    script.textContent = "window.__ran = 'inline'";
    document.body.append(script);
    await new Promise(resolve => { image.firstChild.addEventListener('error', () => setTimeout(resolve, 50)); });
    return window.__ran ?? null;
  });
}
