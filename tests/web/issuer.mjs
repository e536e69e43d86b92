// Signing in at an outside issuer.

export async function signInOutside(page, { url, address }) {
  let challenge = null;
  page.on('request', request => {
    const to = new URL(request.url());
    if (to.searchParams.has('code_challenge')) challenge = to.searchParams.get('code_challenge_method');
  });
  await page.goto(url + address);
  await page.getByRole('button', { name: /^Sign in at 127\.0\.0\.1/ }).click();
  await page.locator('.account-name').waitFor();
  await page.getByRole('navigation', { name: 'Of the knowledge base' }).waitFor();
  return { address: page.url(), name: await page.locator('.account-name').innerText(), challenge };
}

export async function forgedAnswer(page, { url }) {
  await page.goto(`${url}/console/callback?code=stolen&state=guessed`);
  const notice = page.getByRole('alert');
  await notice.waitFor();
  return notice.innerText();
}
