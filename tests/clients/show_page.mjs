// Opens a page twice in one session and prints what it shows, and the events that it sends. Follows the lines of pages.mjs.
const found = await withPage(given.code, async (page, wire) => {
  const sent = () => wire.filter(({ path, status }) => path.startsWith("/v1/events") && status);
  const shown = async () => {
    if (given.shows) await page.waitForFunction(() => document.body.textContent !== "");
    return page.evaluate(() => document.body.textContent);
  };
  const first = await shown();
  await until(() => sent().length > 0);
  await page.reload();
  const again = await shown();
  await page.waitForNetworkIdle();
  return { shown: [first, again], events: sent() };
});
console.log(JSON.stringify(found));
