// Journeys through the login in Debian's Chromium, one a name. Started by tests/browser/main.rs, which serves the pages.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { journey, modules, chromium: executablePath, pictures, pages } = JSON.parse(process.env.JOURNEY);
const load = createRequire(modules + "/");
const { chromium } = load("playwright-core");
const axe = load("axe-core");

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update"];
const home = mkdtempSync(join(tmpdir(), "evertoken-browser-"));
const browser = await chromium.launch({ executablePath, args: flags, env: { ...process.env, HOME: home } });

async function person(options = {}) {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1000, height: 800 }, ...options });
  context.setDefaultTimeout(20_000);
  return context.newPage();
}

const heading = (page) => page.locator("h1").innerText();
const picture = (page, name) => page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });

async function consent(page, account, decision = "Allow") {
  await page.getByLabel(account).check();
  await page.getByRole("button", { name: decision }).click();
}

// What the page itself can be asked about: a policy that allows no script does not stop the browser's own tools.
async function accessible(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`), [], page.url());
}

async function readsWell(page) {
  await accessible(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.equal(wide, false, `${page.url()} is wider than the screen`);
  const outside = await page.evaluate(() => performance.getEntriesByType("resource").map((entry) => entry.name));
  assert.deepEqual(outside.filter((url) => !url.endsWith("/favicon.ico")), [], "pages load nothing");
}

const journeys = {
  // A file, so its own policy must hold: a style or a script from elsewhere would be said on the console.
  async report() {
    for (const colorScheme of ["light", "dark"]) {
      const page = await person({ colorScheme });
      const said = [];
      page.on("console", (message) => said.push(message.text()));
      await page.goto(pages.report);
      assert.equal(await heading(page), "8 Instagram tokens through 200 days");
      assert.equal(await page.locator("svg[role=img]").count(), 2);
      assert.equal(await page.locator("text=shop-008").count() > 0, true);
      assert.deepEqual(said, []);
      await readsWell(page);
      await picture(page, `report-${colorScheme}`);
      await page.setViewportSize({ width: 360, height: 740 });
      await readsWell(page);
      await picture(page, `report-${colorScheme}-narrow`);
    }
  },
  async happy_path() {
    const page = await person();
    await page.goto(pages.note);
    assert.equal(await heading(page), "Connect your Instagram account");
    await readsWell(page);
    await picture(page, "invitation");
    await page.getByRole("link", { name: "Continue to Instagram" }).click();
    await consent(page, "blue_bottle");
    assert.equal(await heading(page), "@blue_bottle is connected");
    await readsWell(page);
    await picture(page, "connected");
  },
  async cancel() {
    const page = await person();
    await page.goto(pages.invite);
    await consent(page, "blue_bottle", "Cancel");
    assert.equal(await heading(page), "The account was not connected");
    await readsWell(page);
    await picture(page, "cancelled");
    await page.getByRole("link", { name: "Start again" }).click();
    await consent(page, "blue_bottle");
    assert.equal(await heading(page), "@blue_bottle is connected");
  },
  async tester_refusal() {
    const page = await person();
    await page.goto(pages.invite);
    await consent(page, "corner_bakery");
    assert.equal(await heading(page), "This account does not have access yet");
    const link = page.getByRole("link", { name: "manage_access" });
    assert.equal(await link.getAttribute("href"), "https://www.instagram.com/accounts/manage_access/");
    await readsWell(page);
    await picture(page, "tester");
  },
  async wrong_account() {
    const page = await person();
    await page.goto(pages.reconnect);
    await consent(page, "maya.makes");
    assert.equal(await heading(page), "This link is for a different account");
    const text = await page.locator("main").innerText();
    assert.ok(text.includes("@maya.makes") && text.includes("@blue_bottle"), text);
    await readsWell(page);
    await picture(page, "other-account");
  },
  async expired_invite() {
    const page = await person();
    const answer = await page.goto(pages.expired);
    assert.equal(answer.status(), 410);
    assert.equal(await heading(page), "This invite link has expired");
    await readsWell(page);
    await picture(page, "expired");
  },
  async several_tabs() {
    const one = await person();
    const two = await one.context().newPage();
    await one.goto(pages.invite);
    await two.goto(pages.second);
    await consent(two, "maya.makes");
    await consent(one, "blue_bottle");
    assert.equal(await heading(one), "@blue_bottle is connected");
    assert.equal(await heading(two), "@maya.makes is connected");
  },
  async reload_and_back() {
    const page = await person();
    let callback;
    page.on("request", (request) => { if (request.url().includes("/callback?")) callback = request.url(); });
    await page.goto(pages.invite);
    await consent(page, "blue_bottle");
    assert.equal(await heading(page), "@blue_bottle is connected");
    await page.reload();
    assert.equal(await heading(page), "@blue_bottle is connected");
    // The address of the callback itself, as a browser that restores its tabs opens it.
    await page.goto(callback);
    assert.equal(await heading(page), "@blue_bottle is connected");
    await page.goBack();
    await page.goForward();
    assert.equal(await heading(page), "@blue_bottle is connected");
  },
  async double_click() {
    const page = await person();
    await page.goto(pages.invite);
    await page.getByLabel("blue_bottle").check();
    await page.getByRole("button", { name: "Allow" }).dblclick();
    await page.getByRole("heading", { name: "@blue_bottle is connected" }).waitFor();
  },
  async dark_and_narrow() {
    const looks = [
      ["dark", { colorScheme: "dark" }],
      ["phone", { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }],
      ["phone-dark", { viewport: { width: 320, height: 640 }, colorScheme: "dark", isMobile: true }],
    ];
    for (const [look, options] of looks) {
      const page = await person(options);
      await page.goto(pages.invite);
      await consent(page, "corner_bakery");
      assert.equal(await heading(page), "This account does not have access yet");
      await readsWell(page);
      await picture(page, `tester-${look}`);
      const [red] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
      assert.equal(red < 100, options.colorScheme === "dark", look);
      await page.goto(pages.note);
      await readsWell(page);
      await picture(page, `invitation-${look}`);
      await page.context().close();
    }
  },
  async every_language_is_accessible() {
    for (const locale of ["en-GB", "de-DE", "es-ES"]) {
      for (const colorScheme of ["light", "dark"]) {
        const page = await person({ locale, colorScheme });
        for (const url of [pages.home, pages.note, pages.missing, pages.nowhere, pages.deletion, pages.expired]) {
          await page.goto(url);
          assert.equal(await page.locator("html").getAttribute("lang"), locale.slice(0, 2));
          await readsWell(page);
        }
        await picture(page, `expired-${locale.slice(0, 2)}-${colorScheme}`);
        await page.goto(pages.deletion);
        await picture(page, `deletion-${locale.slice(0, 2)}-${colorScheme}`);
        await page.context().close();
      }
    }
  },
  async keyboard_alone() {
    const page = await person();
    await page.goto(pages.note);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Continue to Instagram");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.equal(outline, "solid", "what has the focus is seen");
    await page.keyboard.press("Enter");
    await consent(page, "blue_bottle");
    assert.equal(await heading(page), "@blue_bottle is connected");
  },
  async without_cookies() {
    const page = await person();
    await page.goto(pages.invite);
    await page.context().clearCookies();
    await consent(page, "blue_bottle");
    assert.equal(await heading(page), "This login was not started in this browser");
    await readsWell(page);
    await picture(page, "other-browser");
  },
};

try {
  await journeys[journey]();
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}
