// Bringing a package in by other ways than dropping a zip.

import { violations } from './pages.mjs';

async function open(page) {
  await page.getByRole('link', { name: 'New import' }).first().click();
  await page.getByRole('heading', { name: 'Drop a package here' }).waitFor();
}

export async function chooseFolder(page, { folder, refused }) {
  await open(page);
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose a folder' }).click();
  await (await chooser).setFiles(folder);
  if (!refused) return null;
  const notice = page.getByRole('alert');
  await notice.waitFor();
  return notice.innerText();
}

/** What the form says of each path, and the fields that it then has. */
export async function typePaths(page, { paths }) {
  await open(page);
  const field = page.getByLabel('Path');
  const said = [];
  for (const path of paths) {
    await field.fill('');
    await field.fill(path);
    await page.evaluate(() => new Promise(resolve => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
    const problem = page.locator('.field-error').first();
    said.push({
      problem: (await problem.count()) > 0 ? await problem.innerText() : null,
      fields: (await page.locator('.card form label').allInnerTexts()).filter(name => name !== 'Path'),
    });
  }
  return said;
}

export async function checkPath(page, { path }) {
  await open(page);
  await page.getByLabel('Path').fill(path);
  await page.getByRole('button', { name: 'Check the package' }).click();
}

/** The server forgets the token: the next look leads to the sign-in page, and from there back. */
export async function loseSession(page, { id, secret }) {
  await page.route('**/knowledge/contentmgr/v4/folders*', route => route.fulfill({
    status: 401, contentType: 'application/json', body: JSON.stringify({ code: '401-101', developerMessage: 'expired', details: [] }),
  }), { times: 1 });
  await page.getByRole('link', { name: 'Knowledge' }).click();
  const notice = page.locator('.notice-title');
  await notice.waitFor();
  const said = await notice.innerText();
  await page.getByLabel('Client secret').fill(secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Knowledge', level: 1 }).waitFor();
  void id;
  return { said, address: page.url(), kept: await page.evaluate(() => sessionStorage.getItem('waybill.session')) };
}

export async function importLater(page, { begin }) {
  await page.getByText('Import at another time').click();
  await page.getByLabel('Begin at').fill(begin);
  await page.getByRole('button', { name: /^Import \d+ items$/ }).click();
  await page.locator('.heading .badge').filter({ hasText: 'Scheduled' }).waitFor();
  return /jobs\/([0-9A-F-]{36})/.exec(page.url())[1];
}

/** Presses a button of the job's page and confirms; returns what the dialog said. */
export async function act(page, { button, confirm, state }) {
  await page.getByRole('button', { name: button, exact: true }).click();
  const dialog = page.getByRole('dialog');
  const said = await dialog.locator('.dialog-body').innerText();
  await dialog.getByRole('button', { name: confirm, exact: true }).click();
  await page.locator('.heading .badge').filter({ hasText: state }).waitFor();
  return said;
}

/** Presses "Test access" for a path with its credentials; what the page then says, and what axe says of that. */
export async function testAccess(page, { path, fields = {}, name }, tools) {
  await open(page);
  await page.getByLabel('Path').fill(path);
  for (const [label, text] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Test access' }).press('Enter');
  const way = page.locator('[role=status] .way');
  await way.waitFor();
  const found = await violations(page, {}, tools);
  await tools.picture(name);
  const said = await way.innerText();
  await page.getByLabel('Path').press('End');
  await page.getByLabel('Path').pressSequentially('x');
  await way.waitFor({ state: 'detached' });
  return { said, violations: found, address: page.url() };
}
