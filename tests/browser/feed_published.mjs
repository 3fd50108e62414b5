// What the publisher writes, on a page of another site with a strict security policy: with the widget and as a fragment.
// tests/browser/feed_published.rs publishes the feed and runs each journey.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { policyWithFragment, site } from "./feed_servers.mjs";
import { DEVICES, LAYOUTS, gate, isWiderThanScreen, observedPage, painted, shift } from "./observed_page.mjs";
import { assertAccessible, pages as published, perform, screenshot } from "./session.mjs";

const { origin, feed, fragments } = published;
const count = feed.items.length;
const captionOf = (text) => feed.items.find(({ content_text: caption }) => caption.includes(text)).content_text;

// The rules that reserve room: that of `evertoken feed embed` for the grid, and those of the documentation.
const [, grid] = /<style>([^<]+)<\/style>/.exec(published.embedded);
const [, row, list] = [...readFileSync(published.widgetDocumentation, "utf8").matchAll(/```css\n([^`]+)```/g)].map(([, rule]) => rule);
const rules = [grid, row, list.replace("12 * 6em + 11", `${count} * 6em + ${count - 1}`)];
const [, styleHash] = /style-src ('sha256-[^']+')/.exec(readFileSync(published.fragmentDocumentation, "utf8"));
const style = `
:root { color-scheme: light dark; --text: #222; --page: #fff }
@media (prefers-color-scheme: dark) { :root { --text: #eee; --page: #111 } }
body { margin: 0; font: 16px/1.5 "DejaVu Sans", sans-serif; color: var(--text); background: var(--page) }
main { max-width: 900px; margin: auto; padding: 16px }
a { color: inherit }
${rules.map((rule, number) => rule.replace(":not(:defined)", `:not(:defined)[layout=${LAYOUTS[number]}]`)).join("")}`;

const policy = policyWithFragment(origin, styleHash);
const pages = Object.fromEntries(LAYOUTS.map((layout) => [`/${layout}`, { feed: readFileSync(fragments[layout], "utf8"), policy }]));
const icon = feed.items.find(({ image }) => image).image;
const shop = await site(origin, style, { icon, pages });

const fallback = (page) => page.getByRole("link", { name: "Our photos on Instagram" });
const widgetUrl = (layout) => `${shop.origin}/?${new URLSearchParams({ src: feed.feed_url, layout, columns: "3", posts: String(count) })}`;

// Holds back the requests that match until the page has been painted without them.
async function hold(page, pattern) {
  const [opened, open] = gate();
  await page.route(pattern, async (route) => {
    await opened;
    await route.continue();
  });
  return open;
}

// Scrolls through the page and its row, and waits for all pictures.
async function loadAll(page, root) {
  const broken = await page.evaluate(async (root) => {
    const host = document.querySelector(root);
    const container = host.shadowRoot ?? host;
    const pictures = [...container.querySelectorAll("img")];
    for (const picture of pictures) {
      picture.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    }
    const loaded = pictures.map((picture) => new Promise((done) => {
      if (picture.complete) done();
      picture.addEventListener("load", done);
      picture.addEventListener("error", done);
    }));
    await Promise.all(loaded);
    globalThis.scrollTo(0, 0);
    return pictures.filter(({ naturalWidth }) => naturalWidth === 0).map(({ src }) => src);
  }, root);
  assert.deepEqual(broken, []);
  await painted(page);
}

function assertPrivate(page) {
  assert.deepEqual([...page.hosts].sort(), [origin, shop.origin].sort());
  assert.deepEqual(page.messages, []);
}

async function assertSound(page, name) {
  assert.equal(await shift(page), 0, `${name} shifts`);
  assert.equal(await isWiderThanScreen(page), false, `${name} is wider than the screen`);
  assert.equal(await page.title(), "A shop");
  await assertAccessible(page);
  await screenshot(page, name);
  assertPrivate(page);
  await page.context().close();
}

// Posts with a picture, and those that are links.
const withPicture = feed.items.filter(({ image }) => image).length;
const asLink = count - withPicture;

const journeys = {
  async the_widget_shows_a_published_feed() {
    assert.ok(withPicture >= 12 && asLink >= 2, `${withPicture} with and ${asLink} without a picture`);
    for (const layout of LAYOUTS) {
      for (const [device, options] of Object.entries(DEVICES)) {
        const page = await observedPage(options);
        const runScript = await hold(page, /widget\.js$/);
        const sendFeed = await hold(page, /\.json$/);
        await page.goto(widgetUrl(layout), { waitUntil: "commit" });
        await painted(page);
        assert.equal(await fallback(page).isVisible(), true);
        runScript();
        await page.waitForRequest(/\.json$/);
        await painted(page);
        sendFeed();
        await page.locator("evertoken-feed li[part=item]").first().waitFor();
        await loadAll(page, "evertoken-feed");
        assert.equal(await page.locator("evertoken-feed li[part=item]").count(), count);
        assert.equal(await page.locator("evertoken-feed img").count(), withPicture);
        assert.equal(await page.locator("evertoken-feed a.bare").count(), asLink);
        const types = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name)
          .filter((name) => name.includes("/img/") && !name.endsWith(".webp")).length);
        assert.ok(types <= 1, "only the icon is a JPEG");
        await assertSound(page, `published-widget-${layout}-${device}`);
      }
    }
  },
  async the_fragment_of_a_published_feed_needs_no_script() {
    for (const layout of LAYOUTS) {
      for (const [device, options] of Object.entries(DEVICES)) {
        const name = `published-fragment-${layout}-${device}`;
        const page = await observedPage(options);
        const sendPictures = await hold(page, /\/img\/.*-(320|640|1080|240)\.webp$/);
        await page.goto(`${shop.origin}/${layout}`, { waitUntil: "commit" });
        await painted(page);
        const height = await page.evaluate(() => document.body.scrollHeight);
        sendPictures();
        await loadAll(page, ".evertoken-feed");
        assert.equal(await page.evaluate(() => document.body.scrollHeight), height, "the pictures have reserved boxes");
        assert.equal(await page.locator("script").count(), 0);
        await assertSound(page, name);

        const plain = await observedPage({ ...options, javaScriptEnabled: false });
        await plain.goto(`${shop.origin}/${layout}`);
        const feedList = plain.getByRole("region", { name: "Instagram posts of @blue_bottle" }).getByRole("listitem");
        assert.equal(await feedList.count(), count);
        assert.equal(await plain.locator(".evertoken-feed img").count(), withPicture);
        assert.equal(await feedList.first().getByRole("link").isVisible(), true);
        const columns = new Set(await Promise.all((await feedList.all()).map(async (item) => (await item.boundingBox()).x))).size;
        assert.equal(columns, { grid: device === "phone" ? 2 : 3, row: count, list: 1 }[layout], name);
        assertPrivate(plain);
        await plain.context().close();
      }
    }
  },
  async foreign_captions_are_shown_as_text() {
    const markup = captionOf("<script>");
    const page = await observedPage();
    await page.goto(`${shop.origin}/list`);
    await page.getByText(markup, { exact: true }).waitFor();
    await page.goto(widgetUrl("list"));
    await page.locator("evertoken-feed").getByText(markup, { exact: true }).waitFor();
    for (const caption of [captionOf("قهوة"), captionOf("👩")]) {
      const firstLine = caption.split("\n")[0];
      assert.ok(await page.locator("evertoken-feed").getByText(firstLine).first().isVisible(), firstLine);
    }
    // The direction of a text is that of its own first letters.
    await page.goto(`${shop.origin}/list`);
    const direction = await page.locator(".evertoken-feed-caption", { hasText: "قهوة" })
      .evaluate((caption) => getComputedStyle(caption).direction);
    assert.equal(direction, "rtl");
    assertPrivate(page);
  },
  async the_content_of_the_element_is_shown_without_a_script() {
    const page = await observedPage({ javaScriptEnabled: false });
    await page.goto(widgetUrl("grid"));
    assert.equal(await fallback(page).isVisible(), true);
    assert.deepEqual(page.messages, []);
    assert.ok([...page.hosts].every((host) => [origin, shop.origin].includes(host)));
  },
};

try {
  await perform(journeys);
} finally {
  shop.server.close();
  shop.server.closeAllConnections();
}
