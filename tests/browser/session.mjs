// Starts Chromium for one journey. tests/browser/main.rs sets the variable JOURNEY.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

// `gateway` is the HTTPS proxy of a deployed stack. Its certificate is self-signed.
const { journey, modules, chromium: executablePath, pictures, pages, gateway } = JSON.parse(process.env.JOURNEY);
const load = createRequire(modules + "/");
const { chromium } = load("playwright-core");
const axe = load("axe-core");

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update", "--font-render-hinting=none"];
if (gateway) flags.push(`--proxy-server=https=${gateway}`);
const home = mkdtempSync(join(tmpdir(), "evertoken-browser-"));
process.once("exit", () => rmSync(home, { recursive: true, force: true, maxRetries: 10 }));
const browser = await chromium.launch({ executablePath, args: flags, env: { ...process.env, HOME: home } });

export { modules, pages };

export async function newPage(options = {}) {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1000, height: 800 },
    ignoreHTTPSErrors: Boolean(gateway), ...options });
  context.setDefaultTimeout(20_000);
  return context.newPage();
}

export const screenshot = (page, name) => page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });

// The page's security policy forbids scripts but does not apply to the browser's automation tools.
export async function assertAccessible(page, part = "html") {
  await page.waitForLoadState();
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate((part) => globalThis.axe.run(part), part);
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`), [], page.url());
}

// Runs the journey that the test asks for.
export async function perform(journeys) {
  try {
    await journeys[journey]();
  } finally {
    await browser.close();
  }
}
