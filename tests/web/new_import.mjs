// Bringing a package in by other ways than dropping a zip.

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
