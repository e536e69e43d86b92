// The API viewer: what it shows can be reached and read by everyone.

/** Waits until the description is shown. */
export async function open(page, { url }) {
  await page.goto(`${url}/docs`);
  await page.locator('.opblock-tag').first().waitFor();
}

/** Opens one operation by the keyboard; returns the names of what its parts are. */
export async function operation(page, { method, path }) {
  const block = page.locator(`.opblock-${method}`).filter({ has: page.locator(`.opblock-summary-path[data-path="${path}"]`) });
  const control = block.locator('button.opblock-summary-control');
  await control.focus();
  const ring = await control.evaluate(one => getComputedStyle(one).outlineStyle);
  if (ring === 'none') throw new Error(`the focus on ${path} cannot be seen`);
  await page.keyboard.press('Enter');
  await block.locator('.responses-wrapper').waitFor();
  return block.locator('h4').allInnerTexts();
}

/** Opens the first schema of the list at the end. */
export async function schema(page) {
  await page.locator('section.models .models-control').focus();
  await page.keyboard.press('Enter');
  const first = page.locator('section.models .json-schema-2020-12-accordion').first();
  await first.focus();
  await page.keyboard.press('Enter');
  await page.locator('section.models .json-schema-2020-12-body').first().waitFor();
}

/** Opens the dialog that takes a token. */
export async function authorize(page) {
  await page.locator('.btn.authorize').first().focus();
  await page.keyboard.press('Enter');
  await page.locator('.dialog-ux .modal-ux').waitFor();
}

/** On a page of the console. */
export async function chooseTheme(page, { name }) {
  await page.getByLabel('Colours').selectOption({ label: name });
}

/** By what is seen: a light text on a dark page. */
export async function isDark(page) {
  return page.evaluate(() => {
    const light = (element, what) => getComputedStyle(element)[what].match(/[\d.]+/g).slice(0, 3).reduce((sum, one) => sum + Number(one), 0) / 765;
    return light(document.body, 'backgroundColor') < 0.2 && light(document.querySelector('.swagger-ui .info .title'), 'color') > 0.6;
  });
}
