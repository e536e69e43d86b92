// What a person does at the console, step by step. Each takes (page, args, tools) and fails with what was missing.
import fs from 'node:fs';

const expectText = async (locator, text) => {
  await locator.filter({ hasText: text }).first().waitFor();
};

export async function goTo(page, { url }) {
  await page.goto(url, { waitUntil: 'networkidle' });
}

export async function signIn(page, { url, id, secret }) {
  await page.goto(`${url}/console`);
  await page.getByLabel('Client id').fill(id);
  await page.getByLabel('Client secret').fill(secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor();
}

/** Lets a file fall onto the page, as a hand does. */
export async function drop(page, { url, file }) {
  await page.getByRole('link', { name: 'New import' }).first().click();
  await page.getByRole('heading', { name: 'Drop a package here' }).waitFor();
  const bytes = fs.readFileSync(file).toString('base64');
  const transfer = await page.evaluateHandle(([text, name]) => {
    const made = new DataTransfer();
    made.items.add(new File([Uint8Array.from(atob(text), letter => letter.charCodeAt(0))], name, { type: 'application/zip' }));
    return made;
  }, [bytes, file.split('/').pop()]);
  await page.locator('.drop').dispatchEvent('dragover', { dataTransfer: transfer });
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: transfer });
  void url;
}

/** Chooses a file in the dialog that the button opens. */
export async function choose(page, { file }) {
  await page.getByRole('link', { name: 'New import' }).first().click();
  const another = page.getByRole('button', { name: 'Another package' });
  if (await another.isVisible().catch(() => false)) await another.click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose a zip' }).click();
  await (await chooser).setFiles(file);
}

/** Waits for the end of the check; returns its notice and the numbers of what an import would do. */
export async function checked(page) {
  const card = page.getByRole('region', { name: /^Check of / });
  await card.getByText('Successful', { exact: true }).waitFor();
  await card.locator('.would').waitFor();
  const would = {};
  for (const row of await card.locator('.would > div').all()) would[await row.locator('dt').innerText()] = Number(await row.locator('dd').innerText());
  return { notice: await card.locator('.notice-title').innerText(), would };
}

/** Opens the finding whose message has the text; returns the line that is marked, and the mark. */
export async function openFinding(page, { text }) {
  await page.getByRole('link', { name: 'See the findings' }).click();
  await page.getByRole('searchbox', { name: 'Text' }).fill(text);
  const row = page.locator('.finding-row a').filter({ hasText: text }).first();
  await row.waitFor();
  await row.click();
  const line = page.locator('.source-line.here');
  await line.waitFor();
  return { number: Number(await line.locator('.source-number').innerText()), line: await line.locator('code').innerText(), mark: await line.locator('mark').innerText() };
}

/** Starts the import of what was checked, and watches the page to its end. Returns each percentage that was shown. */
export async function importAndWatch(page) {
  await page.getByRole('button', { name: /^(Import|Reimport) [\d,]+ items?$/ }).click();
  await page.getByRole('heading', { name: /^(Import|Reimport) of /, level: 1 }).waitFor();
  return watch(page);
}

export async function watch(page) {
  return page.evaluate(() => new Promise((resolve, reject) => {
    const seen = [];
    const look = () => {
      const now = document.querySelector('.course-card [role=progressbar]')?.getAttribute('aria-valuenow');
      if (now !== null && now !== undefined && seen.at(-1) !== Number(now)) seen.push(Number(now));
      const state = document.querySelector('.heading .badge')?.textContent;
      if (['Successful', 'Failed', 'Cancelled'].includes(state)) {
        observer.disconnect();
        resolve({ state, seen });
      }
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    setTimeout(() => reject(new Error(`the job did not end: ${JSON.stringify(seen)}`)), 60_000);
    look();
  }));
}

/** The three counts of the job's page. */
export async function counts(page) {
  const values = {};
  for (const tile of await page.locator('.job-top .tile').all()) values[(await tile.locator('dt').innerText()).trim()] = await tile.locator('.tile-value').innerText();
  return values;
}

export async function search(page, { words, name }) {
  await page.getByRole('link', { name: 'Search' }).click();
  await page.getByRole('searchbox').fill(words);
  const hit = page.locator('.hits li').filter({ has: page.getByRole('link', { name, exact: true }) }).first();
  await hit.waitFor();
  const marked = await hit.locator('mark').allInnerTexts();
  await hit.getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
  return marked;
}

/** The text of the article that is shown. */
export async function read(page, { text }) {
  const body = page.frameLocator('iframe.article-frame').locator('body');
  await expectText(body, text);
  return body.innerText();
}

/** From the job's page: takes it back. Returns what the dialog said it would do. */
export async function undo(page, { url, job }) {
  await page.goto(`${url}/console/jobs/${job}`);
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('listitem').first().waitFor();
  const said = (await dialog.getByRole('listitem').allInnerTexts()).map(text => text.trim());
  await dialog.getByRole('button', { name: 'Undo the import' }).click();
  await page.getByRole('heading', { name: /^Undo of /, level: 1 }).waitFor();
  return { said, ...(await watch(page)) };
}

export async function jobId(page) {
  return /jobs\/([0-9A-Fa-f-]{36})/.exec(page.url())?.[1];
}
