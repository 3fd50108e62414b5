// User journeys through the login in Chromium. tests/browser/main.rs serves the pages and runs each journey.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { boxes, prepare, styles } from "./layout.mjs";
import { assertAccessible, modules, newPage, pages, perform, screenshot } from "./session.mjs";

// A click returns before the next page is loaded.
async function textOf(page, selector) {
  await page.waitForLoadState();
  return page.locator(selector).innerText();
}
const heading = (page) => textOf(page, "h1");
// Opens an invite and presses the button of its landing page.
async function start(page, invite) {
  await page.goto(invite);
  await page.getByRole("link", { name: "Continue to Instagram" }).click();
}

async function consent(page, account, decision = "Allow") {
  await page.getByLabel(account).check();
  await page.getByRole("button", { name: decision }).click();
  await page.waitForLoadState();
}

async function assertReadable(page) {
  await assertAccessible(page);
  const overflows = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.equal(overflows, false, `${page.url()} is wider than the screen`);
  assert.equal(await page.locator("h1").count(), 1, "one heading names the page");
  const resources = await page.evaluate(() => performance.getEntriesByType("resource").map((entry) => entry.name));
  assert.deepEqual(resources.filter((url) => !url.endsWith("/favicon.ico")), [], "the page loaded resources");
}

const journeys = {
  // The report is a file whose own security policy must apply: a violation would be logged to the console.
  async report() {
    for (const colorScheme of ["light", "dark"]) {
      const page = await newPage({ colorScheme });
      const messages = [];
      page.on("console", (message) => messages.push(message.text()));
      await page.goto(pages.report);
      assert.equal(await heading(page), "8 Instagram tokens over 200 days");
      assert.equal(await page.locator("svg[role=img]").count(), 2);
      assert.equal(await page.locator("text=shop-008").count() > 0, true);
      assert.deepEqual(messages, []);
      await assertReadable(page);
      await screenshot(page, `report-${colorScheme}`);
      await page.setViewportSize({ width: 360, height: 740 });
      await assertReadable(page);
      const heights = await page.locator("svg[role=img] text").evaluateAll((all) => all.map((text) => text.getBoundingClientRect().height));
      assert.ok(Math.min(...heights) >= 10, `labels are ${Math.min(...heights)} px high`);
      await screenshot(page, `report-${colorScheme}-narrow`);
    }
  },
  // From the service to the sandbox and back, with the pages of the sandbox at two widths, light and dark.
  async sandbox() {
    const page = await newPage({ javaScriptEnabled: false });
    await page.goto(pages.control);
    await page.getByRole("link", { name: "Connect an account" }).click();
    await page.getByRole("link").first().click();
    await consent(page, "blue_bottle");
    await page.goto(pages.control);
    await page.getByRole("button", { name: "22 days later" }).click();
    assert.match(await textOf(page, "main"), /The token of @blue_bottle was renewed\./);
    await page.getByRole("button", { name: "Change the password of blue_bottle" }).click();
    await page.getByRole("button", { name: "1 day later" }).click();
    assert.match(await textOf(page, "main"), /Evertoken reports "Login Required"/);
    const sizes = { wide: { width: 1000, height: 800 }, narrow: { width: 360, height: 740 } };
    for (const colorScheme of ["light", "dark"]) {
      for (const [size, viewport] of Object.entries(sizes)) {
        const page = await newPage({ colorScheme, viewport });
        await page.goto(pages.control);
        assert.equal(await heading(page), "Control page");
        for (const summary of await page.locator("summary").all()) await summary.click();
        await assertReadable(page);
        await screenshot(page, `sandbox-${colorScheme}-${size}`);
        await page.goto(`${pages.home}login`);
        assert.equal(await heading(page), "Connect an account");
        await assertReadable(page);
        await screenshot(page, `consent-${colorScheme}-${size}`);
        await page.context().close();
      }
    }
  },
  async an_invite_connects_an_account() {
    const page = await newPage();
    await page.goto(pages.note);
    assert.equal(await heading(page), "Connect your Instagram account");
    await assertReadable(page);
    await page.getByRole("link", { name: "Continue to Instagram" }).click();
    await consent(page, "blue_bottle");
    assert.equal(await heading(page), "@blue_bottle is connected");
    await assertReadable(page);
  },
  // Without scripts: both buttons, Facebook's dialog, the choice, and the result.
  async three_accounts_are_chosen_after_a_login_with_facebook() {
    const sizes = { wide: { width: 1000, height: 800 }, narrow: { width: 360, height: 740 } };
    for (const colorScheme of ["light", "dark"]) {
      for (const [size, viewport] of Object.entries(sizes)) {
        const page = await newPage({ colorScheme, viewport, javaScriptEnabled: false });
        const messages = [];
        page.on("console", (message) => messages.push(message.text()));
        await page.goto(pages.many);
        await screenshot(page, `logins-${colorScheme}-${size}`);
        await page.getByRole("link", { name: "Log in with Facebook" }).click();
        await page.getByRole("radio", { name: /three_pages/ }).check();
        await page.getByRole("button", { name: "Allow" }).click();
        assert.equal(await heading(page), "Which account do you want to connect?");
        assert.equal(await page.getByRole("checkbox").count(), 3);
        assert.equal(await page.locator("main img[src=x]").count(), 0, "markup in a page's name");
        await screenshot(page, `choose-${colorScheme}-${size}`);
        for (const name of ["@blue_bottle", "@corner_bakery", "@maya.makes"]) {
          await page.getByRole("checkbox", { name: new RegExp(name.replace(".", "\\.")) }).check();
        }
        await page.getByRole("button", { name: "Connect" }).click();
        assert.equal(await heading(page), "@blue_bottle is connected");
        assert.match(await textOf(page, "main"), /@corner_bakery\s+@maya\.makes/);
        await screenshot(page, `connected-with-facebook-${colorScheme}-${size}`);
        assert.deepEqual(messages.filter((message) => /Content.Security.Policy/i.test(message)), []);
        await page.context().close();
      }
    }
    // With scripts, for axe-core; and with the keyboard alone.
    for (const locale of ["en-GB", "de-DE", "es-ES"]) {
      const page = await newPage({ locale, viewport: sizes.narrow });
      await page.goto(pages.one);
      await assertReadable(page);
      await page.locator("a.button").nth(1).click();
      await page.getByRole("radio", { name: /three_pages/ }).check();
      await page.getByRole("button", { name: "Allow" }).click();
      await assertAccessible(page);
      const overflows = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
      assert.equal(overflows, false, "the choice is wider than the screen");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Space");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.waitForURL(/connected/);
      await assertReadable(page);
      await page.context().close();
    }
  },
  async layouts() {
    const font = (weight) => readFileSync(join(modules, `node_modules/@fontsource/inter/files/inter-latin-${weight}-normal.woff2`));
    const fonts = [400, 600].map((weight) => [weight, font(weight).toString("base64")]);
    const layouts = {};
    const measure = async (name, url, describe, options) => {
      // The page's security policy would not allow the font.
      const page = await newPage({ bypassCSP: true, ...options });
      await page.goto(url);
      if (name === "reveal") {
        await page.locator("a.button").click();
        await consent(page, "blue_bottle");
      }
      await prepare(page, fonts);
      const lines = await describe(page);
      await page.context().close();
      return lines;
    };
    for (const [name, url] of Object.entries(pages)) {
      const lines = [];
      for (const locale of ["en-GB", "de-DE", "es-ES"]) {
        for (const width of [360, 1280]) {
          lines.push(`# ${locale.slice(0, 2)}, ${width} pixels wide`);
          lines.push(...await measure(name, url, boxes, { locale, viewport: { width, height: 800 } }), "");
        }
      }
      for (const colorScheme of ["light", "dark"]) {
        lines.push(`# ${colorScheme}`, ...await measure(name, url, styles, { colorScheme }), "");
      }
      layouts[name] = lines.join("\n").trim();
    }
    console.log(JSON.stringify(layouts));
  },
  async pictures_of_the_running_service() {
    const desktop = { viewport: { width: 760, height: 700 } };
    const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
    for (const [suffix, options] of [["", desktop], ["-phone", phone], ["-phone-dark", { ...phone, colorScheme: "dark" }]]) {
      const page = await newPage(options);
      await page.goto(pages.invite);
      await screenshot(page, `invitation${suffix}`);
      await page.getByRole("link", { name: "Continue to Instagram" }).click();
      await consent(page, "corner_bakery");
      assert.equal(await heading(page), "This account does not have access yet");
      await screenshot(page, `tester${suffix}`);
      await page.getByRole("link", { name: "Start again" }).click();
      await consent(page, "blue_bottle");
      assert.equal(await heading(page), "@blue_bottle is connected");
      await screenshot(page, `connected${suffix}`);
      await page.context().close();
    }
  },
  async a_login_succeeds_on_a_deployed_stack() {
    const page = await newPage();
    await start(page, pages.invite);
    await consent(page, "blue_bottle");
    assert.equal(await heading(page), "@blue_bottle is connected");
    assert.match(page.url(), /^https:\/\/\w+\.execute-api\.us-east-1\.amazonaws\.com\/connected\?/);
    const cookies = await page.context().cookies();
    assert.ok(cookies.length > 0);
    assert.ok(cookies.every(({ name, secure, httpOnly }) => name.startsWith("__Host-") && secure && httpOnly));
    await page.reload();
    assert.equal(await heading(page), "@blue_bottle is connected");
    await assertReadable(page);
  },
  async a_cancelled_login_can_be_retried() {
    const page = await newPage();
    await start(page, pages.invite);
    await consent(page, "blue_bottle", "Cancel");
    assert.equal(await heading(page), "The account was not connected");
    await assertReadable(page);
    await screenshot(page, "cancelled");
    await page.getByRole("link", { name: "Start again" }).click();
    await consent(page, "blue_bottle");
    assert.equal(await heading(page), "@blue_bottle is connected");
  },
  async a_missing_tester_role_links_to_the_tester_settings() {
    const page = await newPage();
    await start(page, pages.invite);
    await consent(page, "corner_bakery");
    assert.equal(await heading(page), "This account does not have access yet");
    const link = page.getByRole("link", { name: "Apps and websites" });
    assert.equal(await link.getAttribute("href"), "https://www.instagram.com/accounts/manage_access/");
    await assertReadable(page);
    await screenshot(page, "tester");
  },
  async a_reconnect_with_another_account_names_both() {
    const page = await newPage();
    await start(page, pages.reconnect);
    await consent(page, "maya.makes");
    assert.equal(await heading(page), "This link is for a different account");
    const text = await textOf(page, "main");
    assert.ok(text.includes("@maya.makes") && text.includes("@blue_bottle"), text);
    await assertReadable(page);
    await screenshot(page, "other-account");
  },
  async an_expired_invite_shows_an_error() {
    const page = await newPage();
    const answer = await page.goto(pages.expired);
    assert.equal(answer.status(), 410);
    assert.equal(await heading(page), "This invite link has expired");
    await assertReadable(page);
    await screenshot(page, "expired");
  },
  async two_tabs_can_log_in_at_the_same_time() {
    const one = await newPage();
    const two = await one.context().newPage();
    await start(one, pages.invite);
    await start(two, pages.second);
    await consent(two, "maya.makes");
    await consent(one, "blue_bottle");
    assert.equal(await heading(one), "@blue_bottle is connected");
    assert.equal(await heading(two), "@maya.makes is connected");
  },
  async reload_and_back_show_the_connected_account() {
    const page = await newPage();
    let callback;
    page.on("request", (request) => { if (request.url().includes("/callback?")) callback = request.url(); });
    await start(page, pages.invite);
    await consent(page, "blue_bottle");
    assert.equal(await heading(page), "@blue_bottle is connected");
    await page.reload();
    assert.equal(await heading(page), "@blue_bottle is connected");
    // A browser that restores its tabs opens the callback URL again.
    await page.goto(callback);
    assert.equal(await heading(page), "@blue_bottle is connected");
    await page.goBack();
    await page.goForward();
    assert.equal(await heading(page), "@blue_bottle is connected");
  },
  async a_double_click_on_allow_succeeds() {
    const page = await newPage();
    await start(page, pages.invite);
    await page.getByLabel("blue_bottle").check();
    await page.getByRole("button", { name: "Allow" }).dblclick();
    await page.getByRole("heading", { name: "@blue_bottle is connected" }).waitFor();
  },
  async pages_fit_dark_and_narrow_screens() {
    const devices = [
      ["dark", { colorScheme: "dark" }],
      ["phone", { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }],
      ["phone-dark", { viewport: { width: 320, height: 640 }, colorScheme: "dark", isMobile: true }],
    ];
    for (const [device, options] of devices) {
      const page = await newPage(options);
      await start(page, pages.invite);
      await consent(page, "corner_bakery");
      assert.equal(await heading(page), "This account does not have access yet");
      await assertReadable(page);
      await screenshot(page, `tester-${device}`);
      const [red] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
      assert.equal(red < 100, options.colorScheme === "dark", device);
      await page.goto(pages.note);
      await assertReadable(page);
      await screenshot(page, `invitation-${device}`);
      await page.context().close();
    }
  },
  async pages_are_accessible_in_every_language() {
    for (const locale of ["en-GB", "de-DE", "es-ES"]) {
      for (const colorScheme of ["light", "dark"]) {
        const page = await newPage({ locale, colorScheme });
        for (const url of [pages.home, pages.note, pages.missing, pages.nowhere, pages.deletion, pages.expired]) {
          await page.goto(url);
          assert.equal(await page.locator("html").getAttribute("lang"), locale.slice(0, 2));
          await assertReadable(page);
        }
        await screenshot(page, `expired-${locale.slice(0, 2)}-${colorScheme}`);
        await page.goto(pages.deletion);
        await screenshot(page, `deletion-${locale.slice(0, 2)}-${colorScheme}`);
        await page.context().close();
      }
    }
  },
  async a_login_works_with_the_keyboard_alone() {
    const page = await newPage();
    await page.goto(pages.note);
    // The link to the settings on Instagram comes first.
    for (const focused of ["Apps and websites", "Continue to Instagram"]) {
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement.textContent), focused);
    }
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.equal(outline, "solid", "the focused element has no outline");
    await page.keyboard.press("Enter");
    await consent(page, "blue_bottle");
    assert.equal(await heading(page), "@blue_bottle is connected");
  },
  async the_token_can_be_copied_once() {
    for (const colorScheme of ["light", "dark"]) {
      const page = await newPage({ colorScheme, viewport: { width: 360, height: 740 } });
      const messages = [];
      page.on("console", (message) => messages.push(message.text()));
      await start(page, pages.reveal);
      await consent(page, "blue_bottle");
      await assertReadable(page);
      await page.getByRole("button", { name: "Show the access token" }).click();
      assert.equal(await heading(page), "Your access token");
      await assertReadable(page);
      // One click selects the whole token.
      await page.locator(".token").click();
      const selected = await page.evaluate(() => getSelection().toString().trim());
      assert.equal(selected, await page.locator(".token").innerText());
      assert.match(selected, /^IGAA/);
      await screenshot(page, `reveal-${colorScheme}`);
      await page.goBack();
      await page.getByRole("button", { name: "Show the access token" }).click();
      assert.equal(await heading(page), "This has already been shown");
      assert.deepEqual(messages.filter((message) => !message.includes("410")), []);
      await page.context().close();
    }
  },
  async a_login_without_cookies_shows_an_error() {
    const page = await newPage();
    await start(page, pages.invite);
    await page.context().clearCookies();
    await consent(page, "blue_bottle");
    assert.equal(await heading(page), "This login was not started in this browser");
    await assertReadable(page);
    await screenshot(page, "other-browser");
  },
};

await perform(journeys);
