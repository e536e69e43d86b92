// Without a mouse.

const focused = page => page.evaluate(() => {
  const at = document.activeElement;
  return (at?.getAttribute('aria-label') || at?.textContent || at?.tagName || '').trim();
});

/** Presses Tab until the focus is where the text says; fails after a round. Every stop must be visibly focused. */
export async function tabTo(page, { text, most = 60 }) {
  const passed = [];
  for (let press = 0; press < most; press += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const one = document.activeElement;
      const label = one?.id ? document.querySelector(`label[for="${one.id}"]`)?.textContent : undefined;
      const style = one ? getComputedStyle(one) : undefined;
      const inside = one?.closest('.segments label');
      const ring = inside ? getComputedStyle(inside) : style;
      return { name: (one?.getAttribute('aria-label') || label || one?.textContent || one?.tagName || '').trim(), outline: ring ? `${ring.outlineStyle} ${ring.outlineWidth}` : '', tag: one?.tagName };
    });
    passed.push(at.name);
    if (at.tag !== 'BODY' && /^none| 0px$/.test(at.outline)) throw new Error(`the focus cannot be seen on: ${at.name} (${at.outline})`);
    if (at.name.startsWith(text)) return passed;
  }
  throw new Error(`Tab never came to ${text}: ${passed.join(' | ')}`);
}

export async function press(page, { keys }) {
  for (const key of [keys].flat()) await page.keyboard.press(key);
}

export async function type(page, { text }) {
  await page.keyboard.type(text);
}

export async function heading(page, { name }) {
  await page.getByRole('heading', { name, level: 1 }).waitFor();
  return focused(page);
}

export { focused };
export const focusedText = page => focused(page);

/** Until a dialog is open, or none is. */
export async function dialog(page, { open }) {
  await page.getByRole('dialog').waitFor({ state: open ? 'visible' : 'hidden' });
}

/** Rows are drawn as they come into view: the focus follows a frame later. */
export async function waitFocus(page, { text, index }) {
  await page.waitForFunction(([wanted, row]) => document.activeElement?.textContent === wanted && document.activeElement?.dataset.index === String(row), [text, index]);
}
