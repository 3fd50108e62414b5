// The WordPress plug-in in a real WordPress. tests/browser/wordpress_plugin.rs runs each journey.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { WIDTHS, draw } from "./feed_servers.mjs";
import { assertAccessible, newPage, pages as folders, perform, screenshot } from "./session.mjs";
import { fragmentHost, wordpress } from "./wordpress_site.mjs";

const POSTS = 6;
const ratios = [1, 1.25, 0.5625];

// A fragment as the publisher writes it.
function fragment(origin, count = POSTS) {
  const items = Array.from({ length: count }, (_, number) => {
    const files = (type) => WIDTHS.map((width) => `${origin}/img/my-shop/${number}-${width}.${type} ${width}w`).join(", ");
    const sizes = "(max-width: 40em) 50vw, 33vw";
    return `<li class="evertoken-feed-post"><a class="evertoken-feed-link" href="https://www.instagram.com/p/post${number}/"
 target="_blank" rel="noopener"><span class="evertoken-feed-box"><svg class="evertoken-feed-color" aria-hidden="true"
 focusable="false"><rect width="100%" height="100%" fill="#a1b2c3"/></svg>
<picture><source type="image/webp" srcset="${files("webp")}" sizes="${sizes}"><img class="evertoken-feed-image"
 src="${origin}/img/my-shop/${number}-640.jpeg" srcset="${files("jpeg")}" sizes="${sizes}" width="640"
 height="${Math.round(640 * ratios[number % 3])}" alt="Photo ${number} &#60;3" dir="auto" loading="lazy"
 decoding="async"></picture><span class="evertoken-feed-badge">Album</span></span></a></li>`;
  });
  return `<section class="evertoken-feed evertoken-feed-grid" aria-label="Instagram posts of @blue_bottle">
<style>${readFileSync(folders.style, "utf8")}</style>
<ul class="evertoken-feed-posts" role="list">
${items.join("\n")}
</ul>
</section>`;
}

const blank = await newPage();
const pictures = await draw(blank, POSTS);
await blank.context().close();
const feed = await fragmentHost(pictures);
const site = await wordpress(folders, feed.origin);
const address = `${feed.origin}/feed/my-shop.html`;
const block = (src) => `<!-- wp:evertoken/feed ${JSON.stringify({ src })} /-->`;
const shortcode = (src, content) => `[evertoken_feed src="${src}"]${content ? `${content}[/evertoken_feed]` : ""}`;
const minutes = (number) => String(number * 60);
const days = (number) => String(number * 24 * 60 * 60);

async function visit(url, options) {
  const page = await newPage(options);
  page.hosts = new Set();
  page.on("request", (request) => page.hosts.add(new URL(request.url()).origin));
  await page.goto(url);
  return page;
}

const photos = (page) => page.locator(".evertoken-feed li");

// The elements of a fragment and their attributes, except for the style sheet, which the plug-in moves.
const tags = (html) => (html.match(/<[a-z][^>]*>/g) ?? []).map((tag) => tag.replace(/\s+/g, " ").replace(/\s*\/>/, ">"))
  .map((tag) => tag.replace("&#60;", "<").replace("&lt;", "<")).filter((tag) => tag !== "<style>");

// Opens a page, and returns the number of posts and the text of its content.
async function look(url) {
  const page = await visit(url);
  const seen = { posts: await photos(page).count(), text: await page.locator("main").innerText() };
  await page.context().close();
  return seen;
}

const journeys = {
  async the_block_and_the_shortcode_show_the_feed() {
    feed.answer = { content: fragment(feed.origin) };
    const json = address.replace(".html", ".json");
    for (const [name, content] of Object.entries({ block: block(address), shortcode: shortcode(address), json: shortcode(json) })) {
      const url = await site.command("publish", content);
      for (const [device, options] of [
        ["desktop", { viewport: { width: 1280, height: 900 } }],
        ["phone", { viewport: { width: 390, height: 800 } }],
        ["no-script", { javaScriptEnabled: false }],
      ]) {
        const page = await visit(url, options);
        assert.equal(await photos(page).count(), POSTS, `${name} on ${device}`);
        assert.deepEqual([...page.hosts].sort(), [feed.origin, site.url].sort());
        // Nothing of the fragment is lost. Tags are compared without white space and ends, which KSES and browsers rewrite.
        const markup = await page.locator(".evertoken-feed").evaluate((section) => section.outerHTML);
        assert.deepEqual(tags(markup), tags(fragment(feed.origin)));
        assert.equal(await page.locator(".evertoken-feed source[type='image/webp']").count(), POSTS);
        if (device !== "no-script") {
          await page.waitForFunction(() => document.querySelector(".evertoken-feed img").naturalWidth > 0);
          const boxes = await photos(page).evaluateAll((all) => all.map((li) => li.getBoundingClientRect()));
          assert.equal(new Set(boxes.map(({ x }) => x)).size, device === "phone" ? 2 : 3, "the style of the fragment applies");
          await assertAccessible(page, ".evertoken-feed");
          await screenshot(page, `wordpress-${name}-${device}`);
        }
        await page.context().close();
      }
    }
    assert.deepEqual(feed.requests, ["/feed/my-shop.html"], "one request served all visitors");
  },
  async a_failing_feed_keeps_the_last_copy_for_a_week() {
    const url = await site.command("publish", shortcode(address, "Our photos are on Instagram."));
    feed.answer = { status: 503 };
    assert.match((await look(url)).text, /Our photos are on Instagram\./);
    await site.command("pass", minutes(2));
    feed.answer = { content: fragment(feed.origin, 4) };
    assert.equal((await look(url)).posts, 4);
    feed.answer = { content: fragment(feed.origin, 5) };
    await site.command("pass", minutes(4));
    assert.equal((await look(url)).posts, 4, "the copy is fresh for five minutes");
    await site.command("pass", minutes(2));
    assert.equal((await look(url)).posts, 5);
    const failures = {
      "server error": { status: 503, content: fragment(feed.origin, 1) },
      "no HTML": { type: "application/json", content: fragment(feed.origin, 1) },
      "no feed": { content: "<p>Hello</p>" },
      "nothing": { content: "" },
      "too large": { content: fragment(feed.origin, 1) + " ".repeat(3_000_000) },
      "no answer": "hang",
    };
    for (const [name, answer] of Object.entries(failures)) {
      feed.answer = answer;
      await site.command("pass", minutes(6));
      const before = feed.requests.length;
      assert.equal((await look(url)).posts, 5, name);
      assert.equal((await look(url)).posts, 5, name);
      assert.equal(feed.requests.length, before + 1, "the next visitor does not wait for a server that failed");
    }
    feed.answer = { status: 503 };
    await site.command("pass", days(6));
    assert.equal((await look(url)).posts, 5, "the copy is kept for a week");
    await site.command("pass", days(1));
    assert.deepEqual((await look(url)).posts, 0);
    feed.answer = { content: fragment(feed.origin, 3) };
    await site.command("pass", minutes(6));
    assert.equal((await look(url)).posts, 3);
    // A feed without posts is no failure.
    feed.answer = { content: `<section class="evertoken-feed"><p class="evertoken-feed-empty">Nothing yet</p></section>` };
    await site.command("pass", minutes(6));
    assert.match((await look(url)).text, /Nothing yet/);
  },
  async a_deleted_feed_is_removed_and_uninstalling_deletes_all_copies() {
    const url = await site.command("publish", block(address));
    for (const status of [403, 404, 410]) {
      feed.answer = { content: fragment(feed.origin) };
      await site.command("pass", minutes(6));
      assert.equal((await look(url)).posts, POSTS);
      feed.answer = { status };
      await site.command("pass", minutes(6));
      assert.equal((await look(url)).posts, 0, `status ${status}`);
    }
    feed.answer = { content: fragment(feed.origin) };
    await site.command("pass", minutes(6));
    assert.equal((await look(url)).posts, POSTS);
    assert.deepEqual(await site.command("uninstall"), []);
  },
  async a_hostile_fragment_is_sanitized() {
    const { origin } = feed;
    const harm = "document.title='harmed'";
    feed.answer = { content: `<style>@import url(https://evil.example/a.css);</style>
<style>li{background:u\\72l(https://evil.example/b.png)}</style><style>.kept{}</style></style><script>${harm}</script>
<style></style><style><img src=x onerror="${harm}"></style>
<link rel="stylesheet" href="https://evil.example/c.css"><base href="https://evil.example/"><meta http-equiv="refresh" content="0;https://evil.example/">
<iframe src="https://evil.example/"></iframe><object data="https://evil.example/"></object><svg onload="${harm}"><image href="https://evil.example/d.png"/></svg>
<form action="https://evil.example/"><input name="password"></form><video src="https://evil.example/e.mp4" autoplay></video>
<ul class="evertoken-feed" onclick="${harm}">
<li style="background:url(https://evil.example/f.png);background-image:url(https://evil.example/g.png);position:fixed;background-color:#123456">
<a href="javascript:${harm}" onfocus="${harm}" autofocus>one</a></li>
<li><a href="https://www.instagram.com/p/ok/"><img src="https://evil.example/img/my-shop/0-320.jpeg" alt="&quot; onload=&quot;${harm}" onerror="${harm}"
 srcset="//evil.example/h.png 1x, https://evil.example/img/my-shop/0-640.jpeg 640w, javascript:${harm} 2x" width="320" height="320"></a></li>
<li><img src='data:image/svg+xml,<svg onload="${harm}"/>' alt="two"><img src=https:evil.example/i.png alt="three"><img src="h&#116;tps://evil.example/j.png" alt="four"></li>
<li><!-- <script>${harm}</script> --><b>bold</b> <script type="x">${harm}</script text</li>
</ul><script>${harm}//` };
    for (const content of [block(address), shortcode(address)]) {
      const page = await visit(await site.command("publish", content));
      assert.ok(await photos(page).count() >= 3);
      await page.evaluate(() => document.querySelectorAll(".evertoken-feed *").forEach((element) => element.focus()));
      assert.notEqual(await page.title(), "harmed");
      const list = page.locator(".evertoken-feed");
      const markup = await list.evaluate((element) => element.parentElement.outerHTML);
      assert.doesNotMatch(markup, /evil\.example|harmed'<|<script|<iframe|<object|<image|<form|<video|<link|<base|<meta|<b>/);
      const attributes = await list.evaluate((element) => [...element.querySelectorAll("*"), element]
        .flatMap((one) => [...one.attributes].map(({ name, value }) => [name, value])));
      assert.deepEqual(attributes.filter(([name, value]) => /^on|autofocus/.test(name) || /^\s*(javascript|data):/.test(value)), []);
      assert.deepEqual(await page.locator(".evertoken-feed a[href]").evaluateAll((all) => all.map(({ protocol }) => protocol).filter((one) => !/^https?:$/.test(one))), []);
      assert.equal(await photos(page).first().getAttribute("style"), "background-color:#123456");
      const img = page.locator(".evertoken-feed img").first();
      assert.equal(await img.getAttribute("src"), `${origin}/img/my-shop/0-320.jpeg`);
      assert.ok([...page.hosts].every((host) => [origin, site.url].includes(host)), [...page.hosts].join(" "));
      await page.context().close();
    }
  },
  async an_address_that_is_none_shows_nothing_to_visitors() {
    feed.answer = { content: fragment(feed.origin) };
    const addresses = ["", "javascript:alert(1)", "file:///etc/passwd", "/etc/passwd", "http://[", "feeds.example.com", "'\" onload=x"];
    for (const src of addresses) {
      const { posts, text } = await look(await site.command("publish", block(src)));
      assert.deepEqual([posts, text.trim()], [0, "Photos"], src);
    }
    assert.deepEqual(feed.requests, []);
  },
  async an_address_of_a_private_network_is_never_requested() {
    const internal = await fragmentHost([]);
    try {
      internal.answer = { content: fragment(internal.origin) };
      const hidden = `${internal.origin}/feed/my-shop.html`;
      for (const content of [block(hidden), shortcode(hidden)]) {
        assert.equal((await look(await site.command("publish", content))).posts, 0);
      }
      // The same if a feed leads there.
      feed.answer = { status: 302, location: hidden };
      assert.equal((await look(await site.command("publish", block(address)))).posts, 0);
      assert.deepEqual([feed.requests, internal.requests], [["/feed/my-shop.html"], []]);
    } finally {
      internal.close();
    }
  },
  async the_editor_inserts_the_block_and_shows_a_preview() {
    feed.answer = { content: fragment(feed.origin) };
    const page = await visit(`${site.url}/wp-login.php`, { viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(60_000);
    await page.getByLabel("Username or Email Address").fill("admin");
    await page.getByLabel("Password", { exact: true }).fill("password of a test");
    await page.getByRole("button", { name: "Log In" }).click();
    await page.waitForURL(/wp-admin/);
    await page.goto(`${site.url}/wp-admin/post-new.php?post_type=page&post_title=Our%20photos`);
    await page.waitForFunction(() => globalThis.wp?.blocks?.getBlockType("evertoken/feed"));
    await page.evaluate(() => {
      for (const name of ["welcomeGuide", "fullscreenMode"]) globalThis.wp.data.dispatch("core/preferences").set("core/edit-post", name, false);
      globalThis.wp.data.dispatch("core/block-editor").insertBlocks(globalThis.wp.blocks.createBlock("evertoken/feed"));
    });
    const canvas = page.locator("[data-type='evertoken/feed']");
    await canvas.getByLabel("Address of the feed").fill(address);
    await canvas.locator(".evertoken-feed li").first().waitFor();
    assert.equal(await canvas.locator(".evertoken-feed li").count(), POSTS);
    await screenshot(page, "wordpress-editor");
    const link = await page.evaluate(async () => {
      const { dispatch, select } = globalThis.wp.data;
      await dispatch("core/editor").editPost({ status: "publish" });
      await dispatch("core/editor").savePost();
      return select("core/editor").getCurrentPost().link;
    });
    assert.equal((await look(link)).posts, POSTS);
  },
};

try {
  await perform(journeys);
} finally {
  const messages = await site.stop();
  feed.close();
  assert.deepEqual(messages, [], "PHP reported problems of the plug-in");
}
