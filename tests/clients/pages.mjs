// Pages in a real browser, served from an origin of their own, with a log of what goes over the wire.
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import puppeteer from "puppeteer-core";

const given = JSON.parse(readFileSync(0, "utf8"));
const FLAGS = [
  ...["--headless=shell", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-pings"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-domain-reliability"],
  "--disable-dev-shm-usage", // small in containers
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", // it reaches this machine alone
];

// What a bundler makes of a module and the packages that it imports.
async function bundled(code) {
  const stdin = { contents: code, resolveDir: process.cwd() };
  const made = await build({ stdin, bundle: true, write: false, format: "esm", logLevel: "error" });
  return made.outputFiles[0].text;
}

// Gathers what the page asks of the service: each request with its status and what the answer's headers say.
async function listen(page) {
  const wire = [];
  const of = new Map();
  const network = await page.createCDPSession();
  network.on("Network.requestWillBeSent", ({ requestId, type, request }) => {
    if (!request.url.startsWith(given.api)) return;
    const { method, postData } = request;
    const entry = { type, method, path: request.url.slice(given.api.length), body: postData };
    wire.push(entry);
    of.set(requestId, entry);
  });
  network.on("Network.requestWillBeSentExtraInfo", ({ requestId, headers }) => {
    if (of.has(requestId)) of.get(requestId).ifNoneMatch = lower(headers)["if-none-match"];
  });
  network.on("Network.responseReceived", ({ requestId, response }) => {
    if (of.has(requestId)) Object.assign(of.get(requestId), { status: response.status, etag: lower(response.headers).etag });
  });
  await network.send("Network.enable");
  return wire;
}

function lower(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

// Waits for what comes a moment later.
async function until(holds) {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries === 200) throw new Error(`It never comes true: ${holds}`);
    await new Promise((passed) => setTimeout(passed, 50));
  }
}

// Runs `use(page, wire)` on a page with that module; `wire` gathers each request to the service, with its answer.
async function withPage(code, use) {
  const script = await bundled(code);
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>`);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const profile = await mkdtemp(join(tmpdir(), "fairsplit-browser-"));
  const browser = await puppeteer.launch({
    executablePath: given.browser.path,
    userDataDir: profile,
    args: FLAGS,
    env: { ...process.env, HOME: profile, LD_LIBRARY_PATH: given.browser.libraries },
  });
  try {
    const page = await browser.newPage();
    const wire = await listen(page);
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    return await use(page, wire);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true });
  }
}
