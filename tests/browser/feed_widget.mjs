// The feed widget in a page with a strict security policy. tests/browser/feed_widget.rs runs each journey.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { WIDTHS, draw, feedHost, site } from "./feed_servers.mjs";
import { DEVICES, LAYOUTS, gate, isWiderThanScreen, observedPage, painted, shift } from "./observed_page.mjs";
import { assertAccessible, newPage, pages as files, perform, screenshot } from "./session.mjs";

const CAPTIONS = [
  "Single origin from Huila, Colombia: red plum, cocoa and a long, sweet finish. Available from Thursday.",
  "Latte art throwdown 🏆 tonight at seven",
  "",
  "صباح الخير! قهوة جديدة من إثيوبيا متوفرة الآن في المتجر",
  "We roast on Mondays and Wednesdays. Come by and smell it! #coffee #roastery",
];

function post(origin, number, changes = {}) {
  const caption = CAPTIONS[number % CAPTIONS.length];
  const ratio = [1, 1.25, 0.5625][number % 3];
  const images = WIDTHS.flatMap((width) => ["webp", "jpeg"].map((type) => ({
    url: `${origin}/img/my-shop/${number}-${width}.${type}`, width, height: Math.round(width * ratio), type: `image/${type}`,
  })));
  const { _instagram: extra, ...rest } = changes;
  return {
    id: String(17900000000000000n + BigInt(number)),
    url: `https://www.instagram.com/p/post${number}/`,
    content_text: caption,
    ...(caption && { summary: caption.split("\n")[0] }),
    image: images.at(-1).url,
    date_published: `2026-11-${String(25 - number).padStart(2, "0")}T10:00:00Z`,
    tags: [],
    _instagram: {
      type: ["image", "video", "album"][number % 3], reel: false, shared_to_feed: true, pinned: false, color: "#8a9a8b",
      ...(number === 0 && { alt: "A bag of coffee beans on a wooden table" }), images, children: [], ...extra,
    },
    ...rest,
  };
}

const wrap = (items, changes) => ({
  version: "https://jsonfeed.org/version/1.1",
  title: "@blue_bottle",
  home_page_url: "https://www.instagram.com/blue_bottle/",
  _evertoken: { schema: 1, updated_at: "2026-11-26T08:00:00Z", stale: false, left_out: 0, ...changes },
  items,
});

// The rules that the documentation recommends, one for each layout.
const rules = [...readFileSync(files.documentation, "utf8").matchAll(/```css\n([^`]+)```/g)].map(([, rule]) => rule);
assert.equal(rules.length, LAYOUTS.length);
const style = `
:root { color-scheme: light dark; --text: #222; --page: #fff }
@media (prefers-color-scheme: dark) { :root { --text: #eee; --page: #111 } }
body { margin: 0; font: 16px/1.5 "DejaVu Sans", sans-serif; color: var(--text); background: var(--page) }
main { max-width: 900px; margin: auto; padding: 16px }
a { color: inherit }
evertoken-feed:not([layout]) { --evertoken-gap: 8px }
${rules.map((rule, number) => rule.replaceAll("evertoken-feed:not(", `evertoken-feed[layout=${LAYOUTS[number]}]:not(`)).join("")}`
  .replace(/evertoken-feed\[layout=(\w+)\]:not/g, "evertoken-feed:not(:defined)[layout=$1]:not");

const blank = await newPage();
const pictures = await draw(blank, 12);
await blank.context().close();
const feeds = {};
const feed = await feedHost(files.widget, pictures, feeds);
const shop = await site(feed.origin, style);
feeds["my-shop"] = wrap(Array.from({ length: 12 }, (_, number) => post(feed.origin, number)));

// Opens the page of the shop, and records the events of the element.
async function visit(attributes, options = {}) {
  const page = await observedPage(options);
  await page.addInitScript(() => {
    globalThis.events = [];
    for (const name of ["load", "error"]) {
      const record = ({ target, type }) => target.localName === "evertoken-feed" && globalThis.events.push(type);
      document.addEventListener(name, record, true);
    }
  });
  const { feed: name = "my-shop", ...rest } = attributes;
  await page.goto(`${shop.origin}/?${new URLSearchParams({ src: `${feed.origin}/feed/${name}.json`, ...rest })}`,
    { waitUntil: "commit" });
  return page;
}

const links = (page) => page.locator("evertoken-feed").getByRole("link");
const items = (page) => page.locator("evertoken-feed li[part=item]");
const fallback = (page) => page.getByRole("link", { name: "Our photos on Instagram" });
const events = (page) => page.evaluate(() => globalThis.events);
const shown = (page) => items(page).first().waitFor();

// Waits until all pictures in view have been loaded.
const loaded = (page) => page.waitForFunction(() => {
  const all = [...document.querySelector("evertoken-feed").shadowRoot.querySelectorAll("img")];
  return all.filter((img) => img.complete && img.naturalWidth > 0).length >= Math.min(3, all.length);
});

function assertPrivate(page) {
  assert.deepEqual([...page.hosts].sort(), [feed.origin, shop.origin].sort());
  assert.deepEqual(page.messages, []);
}

// Loads the page with the script and then the feed held back until the page has been painted.
async function visitSlowly(attributes, options) {
  const [script, runScript] = gate();
  const [json, sendFeed] = gate();
  Object.assign(feed.gate, { script, feed: json });
  const page = await visit(attributes, options);
  await painted(page);
  assert.equal(await fallback(page).isVisible(), true);
  const requested = page.waitForRequest((request) => request.url().endsWith(".json"));
  runScript();
  await requested;
  await painted(page);
  assert.equal(await fallback(page).isVisible(), true);
  sendFeed();
  await shown(page);
  await loaded(page);
  return page;
}

const journeys = {
  async each_layout_is_stable_private_and_accessible() {
    for (const layout of LAYOUTS) {
      for (const [device, options] of Object.entries(DEVICES)) {
        const page = await visitSlowly({ layout, columns: "3", posts: "12" }, options);
        assert.equal(await shift(page), 0, `${layout} on a ${device}`);
        assert.equal(await items(page).count(), 12);
        assert.equal(await fallback(page).isVisible(), false);
        assert.equal(await isWiderThanScreen(page), false, `${layout} is wider than a ${device}`);
        const columns = await items(page).evaluateAll((all) => new Set(all.map((li) => li.getBoundingClientRect().x)).size);
        assert.equal(columns, { grid: 3, row: 12, list: 1 }[layout]);
        await assertAccessible(page);
        await screenshot(page, `feed-${layout}-${device}`);
        assertPrivate(page);
        await page.context().close();
      }
    }
    const page = await visit({ layout: "mosaic" });
    await shown(page);
    assert.equal(await page.locator("evertoken-feed ul").getAttribute("class"), "grid");
    assert.equal(await page.getByRole("list", { name: "@blue_bottle" }).getByRole("listitem").count(), 12);
    const names = await page.locator("evertoken-feed img").evaluateAll((all) => all.map((img) => img.alt));
    assert.deepEqual(names.slice(0, 3), ["A bag of coffee beans on a wooden table", CAPTIONS[1], "Album, November 23, 2026"]);
    assert.deepEqual(await links(page).evaluateAll((all) => [...new Set(all.map((link) => link.rel))]), ["noopener"]);
    const storage = await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length]);
    assert.deepEqual(storage, ["", 0, 0]);
    assert.deepEqual(await page.context().cookies(), []);
  },
  // Shows that the measurement notices a shift.
  async a_page_that_reserves_no_room_shifts() {
    const page = await visitSlowly({ layout: "grid", css: "plain" });
    assert.ok(await shift(page) > 0, "no shift was noticed");
  },
  async the_browser_chooses_small_pictures_and_loads_them_late() {
    const page = await visit({ layout: "grid", columns: "3" }, { viewport: { width: 390, height: 300 } });
    await shown(page);
    await loaded(page);
    const requested = feed.requests.filter((path) => path.startsWith("/img/") && !path.startsWith("/img/my-shop/0-320.webp"));
    assert.ok(requested.every((path) => path.endsWith("-320.webp")), requested.join(" "));
    const img = page.locator("evertoken-feed img").first();
    const { loading, decoding, width, height } = await img.evaluate(({ loading, decoding, attributes: { width, height } }) =>
      ({ loading, decoding, width: width.value, height: height.value }));
    assert.deepEqual({ loading, decoding, width, height }, { loading: "lazy", decoding: "async", width: "1080", height: "1080" });
    const large = await visit({ layout: "grid", columns: "1" }, { viewport: { width: 700, height: 700 } });
    await shown(large);
    await loaded(large);
    assert.match(await large.locator("evertoken-feed img").first().evaluate((img) => img.currentSrc), /-1080\.webp$/);
  },
  async the_content_is_visible_without_a_script() {
    const page = await visit({}, { javaScriptEnabled: false });
    assert.equal(await fallback(page).isVisible(), true);
    assert.deepEqual(feed.requests.filter((path) => path.endsWith(".json")), []);
  },
  async the_content_stays_visible_while_the_feed_loads_and_when_it_fails() {
    Object.assign(feeds, {
      down: { status: 503 },
      broken: "{\"items\": [",
      nothing: "null",
      text: "\"items\"",
      empty: wrap([]),
      odd: { ...wrap([]), items: { length: 3 } },
      useless: wrap([null, 7, "post", {}, [], { url: 5 }]),
    });
    for (const name of [...Object.keys(feeds), "missing"].filter((name) => name !== "my-shop")) {
      const page = await visit({ feed: name });
      await page.locator("evertoken-feed ul[hidden]").waitFor({ state: "attached" });
      assert.equal(await fallback(page).isVisible(), true, name);
      assert.equal(await items(page).count(), 0, name);
      assert.deepEqual(await events(page), ["error"], name);
      await assertAccessible(page);
      assert.deepEqual(page.messages.filter((message) => !/503|404|CORS|ERR_FAILED/.test(message)), [], name);
      await page.context().close();
    }
    for (const src of ["javascript:alert(1)", "data:application/json,{}", "http://[", "https://127.0.0.1:1/feed.json"]) {
      const page = await visit({ src });
      await page.locator("evertoken-feed ul[hidden]").waitFor({ state: "attached" });
      assert.equal(await fallback(page).isVisible(), true, src);
      await page.context().close();
    }
    feed.server.closeAllConnections();
  },
  async a_stale_feed_is_shown() {
    feeds.stale = wrap(feeds["my-shop"].items, { stale: true, updated_at: "2026-11-01T00:00:00Z" });
    const page = await visit({ feed: "stale" });
    await shown(page);
    assert.equal(await items(page).count(), 12);
  },
  async a_hostile_feed_is_harmless() {
    const markup = "<img src=x onerror=\"document.title='harmed'\"><script>document.title='harmed'</script>";
    const { origin } = feed;
    feeds.hostile = wrap([
      post(origin, 0, { summary: markup, content_text: markup, _instagram: { alt: markup, color: "red;background:url(//evil.example)" } }),
      post(origin, 1, { url: "javascript:document.title='harmed'" }),
      post(origin, 2, { url: "data:text/html,harmed", summary: "word".repeat(550), content_text: "word".repeat(550) }),
      post(origin, 3, { summary: "😀".repeat(1100), content_text: "😀".repeat(1100), _instagram: { images: [] } }),
      post(origin, 4, { _instagram: { type: "hologram", images: [] }, summary: "‮مرحبا <b>bold</b>" }),
      post(origin, 5, { _instagram: { images: [
        { url: "https://evil.example/img/my-shop/5-320.webp", width: 320, height: 320, type: "image/webp" },
        { url: "javascript:alert(1)", width: 640, height: 640, type: "image/jpeg" },
        { url: `${origin}/img/my-shop/5-640.jpeg 1x, //evil.example/a.jpg`, width: 640, height: -1, type: "image/jpeg" },
        { url: `${origin}/img/my-shop/5-320.jpeg`, width: 320, height: 320, type: "text/html" },
        { url: 7, width: "wide" }, null,
      ] } }),
      post(origin, 6, { _instagram: { type: "constructor", images: "no", color: 5, alt: { a: 1 } }, date_published: "yesterday" }),
      { url: "https://www.instagram.com/p/only-a-link/" },
      { url: "https://www.instagram.com/p/null/", summary: null, content_text: 7, _instagram: null, date_published: {} },
      { _instagram: { images: [{ url: `${origin}/img/my-shop/8-320.jpeg`, width: 320, height: 180 }] } },
      null, 17, "post", [], { _instagram: 3 },
    ]);
    for (const layout of LAYOUTS) {
      const page = await visit({ feed: "hostile", layout, posts: "30" });
      await shown(page);
      await loaded(page);
      assert.equal(await items(page).count(), 10, layout);
      const schemes = await page.locator("evertoken-feed li a[href]").evaluateAll((all) => all.map((link) => link.protocol));
      assert.deepEqual([...new Set(schemes)], ["https:"]);
      assert.equal(schemes.length, 7, "a post with an unsafe address is not a link");
      assert.equal(await page.locator("evertoken-feed script, evertoken-feed b").count(), 0);
      assert.equal(await page.title(), "A shop");
      await assertAccessible(page);
      await screenshot(page, `feed-hostile-${layout}`);
      assertPrivate(page);
      const text = await page.locator("evertoken-feed a.bare").allInnerTexts();
      assert.ok(text.includes("Post"), text.join(" | "));
      assert.ok(text.every((one) => one.length <= 700 && one.isWellFormed()));
      await page.context().close();
    }
  },
  async a_feed_without_any_known_key_is_shown_as_links() {
    feeds.foreign = { items: [{ id: "1", url: "https://example.com/1", content_text: "One" }, { url: "https://example.com/2", content_text: "Two" }] };
    const page = await visit({ feed: "foreign" });
    await shown(page);
    assert.deepEqual(await links(page).allInnerTexts(), ["One", "Two"]);
    await assertAccessible(page);
  },
  async a_picture_that_is_gone_becomes_a_link() {
    const images = [{ url: `${feed.origin}/img/my-shop/gone.jpg`, width: 320, height: 320, type: "image/jpeg" }];
    feeds.gone = wrap([post(feed.origin, 0), post(feed.origin, 1, { _instagram: { images } })]);
    const page = await visit({ feed: "gone" });
    await page.getByRole("link", { name: CAPTIONS[1] }).and(page.locator(".bare")).waitFor();
    assert.equal(await page.locator("evertoken-feed img").count(), 1);
  },
  async every_post_can_be_reached_with_the_keyboard() {
    for (const layout of LAYOUTS) {
      const page = await visit({ layout });
      await shown(page);
      await loaded(page);
      const urls = [];
      for (let number = 0; number < 12; number++) {
        await page.keyboard.press("Tab");
        urls.push(await page.evaluate(() => document.activeElement.shadowRoot.activeElement.href));
        const ring = await page.evaluate(() => {
          const { borderTopStyle, borderTopWidth, outlineStyle } = getComputedStyle(document.activeElement.shadowRoot.activeElement, "::after");
          return [borderTopStyle, borderTopWidth, outlineStyle];
        });
        assert.deepEqual(ring, ["solid", "3px", "solid"]);
        const visible = await page.evaluate(() => {
          const { left, right } = document.activeElement.shadowRoot.activeElement.getBoundingClientRect();
          return left >= 0 && right <= innerWidth;
        });
        assert.ok(visible, `post ${number} of the ${layout} is out of view`);
      }
      assert.deepEqual(urls, feeds["my-shop"].items.map(({ url }) => url));
      await screenshot(page, `feed-focus-${layout}`);
      await page.context().close();
    }
  },
  async the_widget_follows_dark_mode_and_reduced_motion() {
    feeds.text = wrap([post(feed.origin, 0), post(feed.origin, 1, { _instagram: { images: [] } })]);
    const measured = {};
    for (const colorScheme of ["light", "dark"]) {
      for (const layout of LAYOUTS) {
        const page = await visit({ feed: "text", layout }, { colorScheme });
        await shown(page);
        await loaded(page);
        await assertAccessible(page);
        measured[colorScheme] = await page.locator("evertoken-feed .bare").evaluate((link) => {
          const { color, backgroundColor } = getComputedStyle(link);
          return { color, backgroundColor };
        });
        await screenshot(page, `feed-${colorScheme}-${layout}`);
        await page.context().close();
      }
    }
    assert.equal(measured.light.color, "rgb(34, 34, 34)");
    assert.equal(measured.dark.color, "rgb(238, 238, 238)");
    assert.match(measured.dark.backgroundColor, /0\.18\)$/);
    assert.match(measured.light.backgroundColor, /0\.08\)$/);
    for (const [reducedMotion, duration] of [["reduce", "0s"], ["no-preference", "0.2s"]]) {
      const page = await visit({}, { reducedMotion });
      await shown(page);
      const transition = await page.locator("evertoken-feed img").first().evaluate((img) => getComputedStyle(img).transitionDuration);
      assert.equal(transition, duration);
    }
  },
  async changed_attributes_change_the_feed() {
    feeds.second = wrap([post(feed.origin, 5), post(feed.origin, 6)]);
    const page = await visit({});
    await shown(page);
    const jsons = () => feed.requests.filter((path) => path.endsWith(".json"));
    assert.deepEqual(jsons(), ["/feed/my-shop.json"]);
    const set = (attributes) => page.locator("evertoken-feed").evaluate((element, attributes) => {
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    }, attributes);
    await set({ layout: "list", posts: "4", columns: "x" });
    await page.waitForFunction(() => document.querySelector("evertoken-feed").shadowRoot.querySelectorAll(".list li").length === 4);
    assert.deepEqual(jsons(), ["/feed/my-shop.json"], "the layout changes without a request");
    assert.deepEqual(await events(page), ["load", "load"]);
    // The request for the first address is canceled, and its answer is never shown.
    const [held, release] = gate();
    const first = "/feed/my-shop.json?again";
    feed.gate[first] = held;
    const isFirst = (request) => request.url().endsWith(first);
    const canceled = page.waitForEvent("requestfailed", isFirst);
    const asked = page.waitForRequest(isFirst);
    await set({ src: feed.origin + first });
    await asked;
    await set({ src: `${feed.origin}/feed/second.json` });
    await canceled;
    release();
    await page.waitForFunction(() => document.querySelector("evertoken-feed").shadowRoot.querySelectorAll("li[part]").length === 2);
    assert.equal(await links(page).first().getAttribute("href"), "https://www.instagram.com/p/post5/");
    // An element that moves is shown again without a request.
    const before = jsons().length;
    await page.evaluate(() => document.body.append(document.querySelector("evertoken-feed")));
    await page.waitForFunction(() => document.querySelector("evertoken-feed").shadowRoot.querySelectorAll("li[part]").length === 2);
    assert.equal(jsons().length, before);
    await set({ src: `${feed.origin}/feed/missing.json` });
    await fallback(page).waitFor();
    assert.equal(await items(page).and(page.locator(":visible")).count(), 0);
  },
  async the_documented_variables_and_parts_style_the_feed() {
    const documentation = readFileSync(files.documentation, "utf8");
    const variables = { columns: "2", gap: "20px", ratio: "4 / 5", size: "111px", radius: "7px", text: "rgb(1, 2, 3)",
      background: "rgb(4, 5, 6)", focus: "rgb(7, 8, 9)" };
    const documented = [...documentation.matchAll(/^\| `--evertoken-(\w+)`/gm)].map(([, name]) => name);
    assert.deepEqual(documented, Object.keys(variables));
    const parts = [.../The parts are([^.]+)\./.exec(documentation)[1].matchAll(/`(\w+)`/g)].map(([, name]) => name);
    assert.equal(parts.length, 8);
    feeds.styled = wrap([post(feed.origin, 1), post(feed.origin, 2), post(feed.origin, 3, { _instagram: { images: [] } })]);
    const measured = {};
    for (const layout of ["grid", "list"]) {
      const page = await visit({ feed: "styled", layout });
      await shown(page);
      measured[layout] = await page.locator("evertoken-feed").evaluate((element, { variables, parts }) => {
        for (const [name, value] of Object.entries(variables)) element.style.setProperty(`--evertoken-${name}`, value);
        const find = (selector) => element.shadowRoot.querySelector(selector);
        const style = (selector) => getComputedStyle(find(selector));
        return {
          columns: String(style("ul").gridTemplateColumns.split(" ").length),
          gap: style("ul").rowGap,
          ratio: style("li").aspectRatio,
          size: style("li").height,
          radius: style(".media").borderTopLeftRadius,
          text: style("a.bare").color,
          background: style("a.bare").backgroundColor,
          missing: parts.filter((part) => !find(`[part=${part}]`)),
        };
      }, { variables, parts });
      await page.keyboard.press("Tab");
      measured[layout].focus = await page.evaluate(() =>
        getComputedStyle(document.activeElement.shadowRoot.activeElement, "::after").borderTopColor);
      await page.context().close();
    }
    // Only a list has captions with a date, and only a list has posts of a fixed height.
    const { grid, list } = measured;
    assert.deepEqual({ ...grid, size: list.size, missing: list.missing }, { ...variables, missing: [] });
    assert.equal(list.gap, variables.gap);
  },
  async the_widget_is_small() {
    const source = readFileSync(files.widget);
    const brotli = brotliCompressSync(source, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
    for (const [name, { length }] of Object.entries({ gzip: gzipSync(source), brotli })) {
      assert.ok(length <= 4000, `${name}: ${length} bytes`);
    }
    assert.doesNotMatch(source.toString(), /innerHTML|eval\(|new Function|localStorage|sessionStorage|cookie/);
  },
};

try {
  await perform(journeys);
} finally {
  for (const { server } of [feed, shop]) {
    server.close();
    server.closeAllConnections();
  }
}
