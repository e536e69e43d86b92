// What is done with a job after it has run.
import fs from 'node:fs';
import { watch } from './steps.mjs';

export async function difference(page, { url, job, name }) {
  await page.goto(`${url}/console/jobs/${job}/items?outcome=updated`);
  await page.getByRole('link', { name: new RegExp(`${name}$`) }).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
  const body = page.getByRole('region', { name: 'Difference of the body' });
  await body.waitFor();
  return {
    outcome: await page.locator('.heading .badge').innerText(),
    deleted: await body.locator('del').allInnerTexts(),
    inserted: await body.locator('ins').allInnerTexts(),
  };
}

export async function rerun(page, { url, job, file }) {
  await page.goto(`${url}/console/jobs/${job}`);
  await page.getByRole('button', { name: 'Run again what failed' }).click();
  const dialog = page.getByRole('dialog');
  const chooser = page.waitForEvent('filechooser');
  await dialog.getByRole('button', { name: 'Choose a corrected zip' }).click();
  await (await chooser).setFiles(file);
  await dialog.getByRole('button', { name: 'Run again' }).click();
  await page.getByRole('heading', { name: /^Repair of corrected/, level: 1 }).waitFor();
  return { ...(await watch(page)), job: /jobs\/([0-9A-F-]{36})/.exec(page.url())[1] };
}

/** From the page of an undo that has left something: takes the rest back. */
export async function rest(page, { url, job }) {
  await page.goto(`${url}/console/jobs/${job}`);
  await page.getByRole('button', { name: 'Take the rest back' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take the rest back' }).click();
  await page.waitForURL(address => !address.pathname.includes(job));
  return { ...(await watch(page)), job: /jobs\/([0-9A-F-]{36})/.exec(page.url())[1] };
}

export async function filterAndSave(page, { url, job, text }) {
  await page.goto(`${url}/console/jobs/${job}`);
  await page.locator('.finding-row a').first().waitFor();
  await page.getByRole('searchbox', { name: 'Text' }).pressSequentially(text);
  await page.waitForFunction(() => document.querySelectorAll('.finding-row a').length === 1);
  const rows = await page.locator('.finding-row a').allInnerTexts();
  const count = await page.locator('.filter-count').innerText();
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  return { rows, count, csv: fs.readFileSync(await (await coming).path(), 'utf8') };
}

/** What the page says of how many there are: before the text's summary has come, and where it never comes. */
export async function countWithoutSummary(page, { url, job, text }) {
  await page.goto(`${url}/console/jobs/${job}`);
  const all = page.locator('.segment-count').first();
  await all.filter({ hasText: /\d/ }).waitFor();
  let asked;
  let refuse;
  const held = new Promise(resolve => { asked = resolve; });
  const refused = new Promise(resolve => { refuse = resolve; });
  await page.route(address => address.searchParams.get('summary') === 'true' && address.searchParams.get('q') === text, async route => {
    asked();
    await refused;
    return route.abort('connectionreset');
  });
  await page.getByRole('searchbox', { name: 'Text' }).fill(text);
  await held;
  await page.waitForFunction(() => document.querySelectorAll('.finding-row a').length === 1);
  const count = page.locator('.filter-count');
  const before = { count: await count.innerText(), all: await all.innerText() };
  refuse();
  await page.waitForFunction(() => document.querySelector('.segment-count').textContent === '');
  const after = { count: await count.innerText(), all: await all.innerText() };
  await page.unrouteAll();
  return { before, after };
}

/** Breaks the first stream of the job's page off, refuses the second, and lets the third through. */
export async function breakStreams(page, { url, job }) {
  const resumedFrom = [];
  let release;
  const seen = new Promise(resolve => { release = resolve; });
  const status = { id: job, status: 'In Progress', jobType: 'Import', startTime: new Date().toISOString(), progress: { processed: 7, total: 21, percentage: 33 } };
  await page.route('**/events*', async route => {
    resumedFrom.push(route.request().headers()['last-event-id'] ?? null);
    if (resumedFrom.length === 1) return route.fulfill({ contentType: 'text/event-stream', body: `event: status\nid: 3\ndata: ${JSON.stringify(status)}\n\n` });
    if (resumedFrom.length === 2) return route.abort('connectionreset');
    await seen;
    return route.continue();
  });
  await page.goto(`${url}/console/jobs/${job}`);
  const badge = page.locator('.heading .badge');
  await badge.filter({ hasText: 'In Progress' }).waitFor();
  const states = [await badge.innerText()];
  const notice = page.getByText('No news at the moment');
  await notice.waitFor();
  const said = await notice.isVisible();
  release();
  await badge.filter({ hasText: 'Successful' }).waitFor();
  await notice.waitFor({ state: 'detached' });
  states.push(await badge.innerText());
  await page.unroute('**/events*');
  return { states, said, resumedFrom };
}

export async function server(page, { url }) {
  await page.goto(`${url}/console/server`);
  await page.locator('.heading .badge').waitFor();
  const tile = page.locator('.tile').filter({ hasText: 'Items a second' });
  await tile.waitFor();
  const hint = await tile.locator('.tile-hint').innerText();
  return { health: await page.locator('.heading .badge').innerText(), items: Number(hint.replace(/\D/g, '')) };
}

export async function docs(page, { url }) {
  await page.goto(`${url}/docs`);
  await page.locator('.opblock').first().waitFor();
  const paths = (await page.locator('.opblock-summary-path').allInnerTexts()).map(text => text.replace(/\u200b/g, ''));
  // One is tried out, as the viewer's reader does it.
  const health = page.locator('#operations-service-getHealth');
  await health.locator('.opblock-summary-control').click();
  await health.getByRole('button', { name: 'Try it out' }).click();
  await health.getByRole('button', { name: 'Execute' }).click();
  const answer = health.locator('.live-responses-table tbody .response-col_status').first();
  await answer.filter({ hasText: /\d/ }).waitFor();
  return { paths, tried: (await answer.innerText()).trim() };
}
