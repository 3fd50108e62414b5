// Opens a page with each widget in Chromium, and prints what the browser loaded and how far the page shifted. All widgets
// show the same 12 posts. Nothing leaves this machine: this program answers for all hosts.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const { root, chromium: executablePath } = JSON.parse(process.env.FEED_PAGE);
const { draw } = await import(join(root, "tests/browser/feed_servers.mjs"));
const { chromium } = createRequire(join(root, "target/browser/"))("playwright-core");
const packages = join(root, "target/bench/widgets/node_modules");

const POSTS = 12;
const FEEDS = "https://feeds.example.com";
// Instagram's own pictures are the largest size.
const WIDTHS = [320, 640, 1080];
const DEVICES = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

const home = mkdtempSync(join(tmpdir(), "evertoken-bench-"));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--no-first-run"],
  env: { ...process.env, HOME: home } });
const page = await browser.newPage();
const drawn = await draw(page, POSTS, 24);
await page.close();

const address = (number, width, type) => `${FEEDS}/img/my-shop/${number}-${width}.${type}`;
const heights = Object.fromEntries(drawn.map(({ number, width, height }) => [`${number}-${width}`, height]));
const numbers = Array.from({ length: POSTS }, (_, number) => number);
const link = (number) => `https://www.instagram.com/p/post${number}/`;
const caption = (number) => `Post ${number}: single origin from Huila, Colombia, with red plum, cocoa and a long, sweet finish.`;

const ours = {
  version: "https://jsonfeed.org/version/1.1",
  title: "@my_shop",
  items: numbers.map((number) => ({
    id: `1790000000000000${number}`, url: link(number), content_text: caption(number), summary: caption(number),
    date_published: "2026-11-25T10:00:00Z",
    _instagram: { type: "image", color: "#8a9a8b", images: WIDTHS.flatMap((width) => ["webp", "jpeg"].map((type) => (
      { url: address(number, width, type), width, height: heights[`${number}-${width}`], type: `image/${type}` }))) },
  })),
};
const colors = Object.fromEntries(["dominant", "muted", "mutedLight", "mutedDark", "vibrant", "vibrantLight", "vibrantDark"]
  .map((name) => [name, "138, 154, 139"]));
const behold = {
  username: "my_shop", profilePictureUrl: "", website: "", followersCount: 1, showBranding: false,
  widgetSettings: {
    type: "grid", alignment: "center", loadingColor: "dominant", lazyLoadMedia: true, onPostClick: "goToInstagram",
    breakpoints: { default: { numPosts: POSTS, numColumns: 3, gap: { x: 8, y: 8 }, borderRadius: 0, postAspectRatio: [1, 1] } },
  },
  posts: numbers.map((number) => {
    const size = (width) => ({ width, height: heights[`${number}-${width}`], mediaUrl: address(number, width, "jpeg") });
    return {
      id: `1790000000000000${number}`, permalink: link(number), mediaType: "IMAGE", mediaUrl: address(number, 1080, "jpeg"),
      sizes: { small: size(320), medium: size(640), large: size(1080), full: size(1080) }, caption: caption(number),
      prunedCaption: caption(number), hashtags: [], mentions: [], likeCount: 1, commentsCount: 1, colorPalette: colors,
      timestamp: "2026-11-25T10:00:00+0000",
    };
  }),
};
const instagram = { data: numbers.map((number) => ({
  id: `1790000000000000${number}`, caption: caption(number), media_type: "IMAGE", media_url: address(number, 1080, "jpeg"),
  permalink: link(number), timestamp: "2026-11-25T10:00:00+0000",
})) };

// The rule for a grid that the documentation recommends.
const reserve = /```css\n([^`]+)```/.exec(readFileSync(join(root, "docs/feed-widget.md"), "utf8"))[1];
const SITES = {
  Evertoken: {
    head: `<style>${reserve}</style><script type="module" src="${FEEDS}/widget.js"></script>`,
    body: `<evertoken-feed src="${FEEDS}/feed/my-shop.json"></evertoken-feed>`,
  },
  "Behold widget": {
    head: `<script type="module">import { widget } from "https://w.behold.so/index.js"; widget.register();</script>`,
    body: `<behold-widget feed-id="abcdefghij0123456789"></behold-widget>`,
  },
  "instafeed.js": {
    head: `<style>#instafeed{display:grid;grid-template-columns:repeat(3,1fr);gap:8px}
#instafeed img{display:block;width:100%;aspect-ratio:1;object-fit:cover}</style>`,
    body: `<div id="instafeed"></div><script src="https://site.example/instafeed.min.js"></script>
<script>new Instafeed({ accessToken: "token", limit: ${POSTS} }).run();</script>`,
  },
};
const html = ({ head, body }) => `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>A shop</title><link rel="icon" href="data:,">
<style>body{font:16px/1.5 sans-serif;max-width:900px;margin:auto;padding:16px}</style>${head}
<h1>A shop</h1><p>Fresh coffee.</p>${body}<p>See you soon. ${"We roast on Mondays. ".repeat(60)}</p></html>`;

// Returns kind, media type and content of the answer to a request.
function answer(url, site) {
  const { host, pathname, href } = new URL(url);
  const picture = drawn.find(({ number, width, type }) => href === address(number, width, type));
  if (picture) return ["picture", `image/${picture.type}`, picture.content];
  if (href === "https://site.example/") return ["page", "text/html", html(site)];
  if (href === `${FEEDS}/widget.js`) return ["script", "text/javascript", readFileSync(join(root, "crates/feed/widget/evertoken-feed.js"))];
  if (href === `${FEEDS}/feed/my-shop.json`) return ["data", "application/json", JSON.stringify(ours)];
  if (host === "w.behold.so") return ["script", "text/javascript", readFileSync(join(packages, "@behold/widget/dist", pathname))];
  if (host === "feeds.behold.so") return ["data", "application/json", JSON.stringify(behold)];
  if (href === "https://site.example/instafeed.min.js") return ["script", "text/javascript", readFileSync(join(packages, "instafeed.js/dist/instafeed.min.js"))];
  if (host === "graph.instagram.com") return ["data", "application/json", JSON.stringify(instagram)];
  throw new Error(`no answer to ${url}`);
}

async function measure(name, device) {
  const site = SITES[name];
  const page = await browser.newPage(DEVICES[device]);
  await page.addInitScript(() => {
    globalThis.shifts = [];
    new PerformanceObserver((list) => globalThis.shifts.push(...list.getEntries())).observe({ type: "layout-shift", buffered: true });
  });
  const result = { name, device, requests: 0, script_bytes: 0, data_bytes: 0, picture_bytes: 0, layout_shift: 0 };
  const failures = [];
  page.on("pageerror", (error) => failures.push(String(error)));
  // Everything but the page itself arrives after the first paint, as it does over a network.
  let painted;
  const paint = new Promise((resolve) => { painted = resolve; });
  await page.route("**/*", async (route) => {
    const url = route.request().url();
    try {
      const [kind, contentType, content] = answer(url, site);
      if (kind !== "page") {
        await paint;
        result.requests += 1;
        // Texts are compressed on their way, pictures are not.
        result[`${kind}_bytes`] += kind === "picture" ? content.length : gzipSync(content).length;
      }
      await route.fulfill({ contentType, body: content, headers: { "access-control-allow-origin": "*" } });
    } catch (error) {
      failures.push(String(error));
      await route.abort();
    }
  });
  await page.goto("https://site.example/", { waitUntil: "commit" });
  await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
  painted();
  await page.waitForLoadState("networkidle");
  const pictures = await page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.includes("/img/")).length);
  assert.ok(pictures >= 6, `${name} loaded ${pictures} pictures on a ${device}`);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  result.layout_shift = await page.evaluate(() => globalThis.shifts.reduce((sum, { value }) => sum + value, 0));
  assert.deepEqual(failures, []);
  if (process.env.FEED_PAGE_PICTURES) await page.screenshot({ path: join(process.env.FEED_PAGE_PICTURES, `${name}-${device}.png`.replaceAll(" ", "-")) });
  await page.close();
  return result;
}

try {
  const pages = [];
  for (const device of Object.keys(DEVICES)) for (const name of Object.keys(SITES)) pages.push(await measure(name, device));
  console.log(JSON.stringify(pages));
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}
