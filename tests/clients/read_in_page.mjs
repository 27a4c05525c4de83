// Reads flags by OpenFeature's OFREP provider for pages, in a page of another origin than the service's.
// Follows the lines of pages.mjs. Prints what the page was told, step by step, and what went over the wire.
const READ = `
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature } from "@openfeature/web-sdk";

const given = ${JSON.stringify(given)};
const methods = { boolean: "getBooleanDetails", string: "getStringDetails", object: "getObjectDetails" };
window.read = () => Object.fromEntries(
  Object.entries(given.reads).map(([name, { flag, kind, default: fallback }]) => [
    name,
    OpenFeature.getClient()[methods[kind] ?? "getNumberDetails"](flag, fallback),
  ]),
);
window.move = (country) => OpenFeature.setContext({ targetingKey: given.unit, country });
window.start = async (cacheMode) => {
  const headers = [["Authorization", "Bearer " + given.token]];
  await window.move("FR");
  await OpenFeature.setProviderAndWait(new OFREPWebProvider({ baseUrl: given.api, headers, cacheMode }));
  return window.read();
};
`;

const found = await withPage(READ, async (page, wire) => {
  const start = (mode) => page.evaluate((chosen) => window.start(chosen), mode);
  const answered = (count) => until(() => wire.filter(({ status, method }) => status && method === "POST").length === count);
  const first = await start("network-first");
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await answered(2);
  await page.evaluate(() => window.move("DE"));
  const moved = await page.evaluate(() => window.read());
  await page.reload();
  const reloaded = await start(undefined); // the provider's own default: what it has kept comes first
  await answered(4);
  return { first, moved, reloaded, wire };
});
console.log(JSON.stringify(found));
