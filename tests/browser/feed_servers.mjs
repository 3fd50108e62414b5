// The host of a feed and the site of a page that shows it, on two origins.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

export const WIDTHS = [320, 640, 1080];

// Draws pictures in the browser: a JPEG and a WebP file in each width. With `grain`, they compress as badly as photos.
export async function draw(page, count, grain = 0) {
  const drawn = await page.evaluate(({ count, widths, grain }) => {
    const files = [];
    for (let number = 0; number < count; number++) {
      const ratio = [1, 1.25, 0.5625][number % 3];
      for (const width of widths) {
        const canvas = new OffscreenCanvas(width, Math.round(width * ratio));
        const context = canvas.getContext("2d");
        const { height } = canvas;
        const sky = context.createLinearGradient(0, 0, 0, height);
        sky.addColorStop(0, `hsl(${number * 47} 55% 72%)`);
        sky.addColorStop(1, `hsl(${number * 47 + 40} 60% 48%)`);
        context.fillStyle = sky;
        context.fillRect(0, 0, width, height);
        context.fillStyle = `hsl(${number * 47 + 180} 70% 88%)`;
        context.arc(width * (0.3 + (number % 4) * 0.12), height * 0.38, width * 0.13, 0, 7);
        context.fill();
        for (const [step, light] of [[0.62, 38], [0.78, 26]]) {
          context.fillStyle = `hsl(${number * 47 + 60} 40% ${light}%)`;
          context.beginPath();
          context.moveTo(0, height);
          for (let x = 0; x <= 20; x++) context.lineTo((x / 20) * width, height * (step + 0.07 * Math.sin(x * 0.7 + number + step * 9)));
          context.lineTo(width, height);
          context.fill();
        }
        if (grain) {
          const pixels = context.getImageData(0, 0, width, height);
          let seed = number + 1;
          for (let index = 0; index < pixels.data.length; index += 4) {
            seed = (seed * 48271) % 2147483647;
            const change = grain * (seed / 2147483647 - 0.5);
            for (let channel = 0; channel < 3; channel++) pixels.data[index + channel] += change;
          }
          context.putImageData(pixels, 0, 0);
        }
        for (const type of ["jpeg", "webp"]) files.push({ number, width, height, type, canvas });
      }
    }
    return Promise.all(files.map(async ({ canvas, ...file }) => {
      const blob = await canvas.convertToBlob({ type: `image/${file.type}`, quality: 0.8 });
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return { ...file, content: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")) };
    }));
  }, { count, widths: WIDTHS, grain });
  return drawn.map(({ content, ...file }) => ({ ...file, content: Buffer.from(content, "base64") }));
}

// Serves what `answer` returns: { status, type, headers, content, after }. The answer waits for the promise `after`.
async function serve(host, answer) {
  const server = createServer(async (request, response) => {
    const { status = 200, type, headers, content = "", after } = answer(request.url) ?? { status: 404, type: "text/plain" };
    await after;
    response.writeHead(status, { "content-type": type, ...headers });
    response.end(content);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { server, origin: `http://${host}:${server.address().port}` };
}

// Headers of every file of a feed.
const SHARED = {
  "access-control-allow-origin": "*",
  "cross-origin-resource-policy": "cross-origin",
  "x-content-type-options": "nosniff",
};

// `feeds` maps a file name to a feed, to a text, or to a function that returns an answer.
export async function feedHost(widget, pictures, feeds) {
  const requests = [];
  const answer = (path) => {
    requests.push(path);
    if (path === "/widget.js") {
      return { type: "text/javascript; charset=utf-8", headers: SHARED, content: readFileSync(widget), after: gate.script };
    }
    const picture = pictures.find(({ number, width, type }) => path === `/img/my-shop/${number}-${width}.${type}`);
    if (picture) {
      const headers = { ...SHARED, "cache-control": "public, max-age=86400" };
      return { type: `image/${picture.type}`, headers, content: picture.content };
    }
    const feed = feeds[/^\/feed\/(.+)\.json(\?.*)?$/.exec(path)?.[1]];
    if (feed === undefined) return undefined;
    if (typeof feed === "object" && "status" in feed) return { type: "text/plain", headers: SHARED, ...feed };
    return {
      type: "application/json",
      headers: { ...SHARED, "cache-control": "no-store" },
      content: typeof feed === "string" ? feed : JSON.stringify(feed),
      after: gate[path] ?? gate.feed,
    };
  };
  // Promises that hold back the script, the feeds, and single paths.
  const gate = {};
  return { ...(await serve("127.0.0.1", answer)), requests, gate };
}

// The policy of a page with the widget, and that of a page with the fragment, which needs no script.
const SHARED_POLICY = ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'",
  "trusted-types 'none'"];
const policyWithWidget = (origin) => [...SHARED_POLICY, "style-src 'self'", `script-src ${origin}`, `connect-src ${origin}`,
  `img-src ${origin}`].join("; ");
export const policyWithFragment = (origin, styleHash) => [...SHARED_POLICY, `style-src 'self' ${styleHash}`,
  `img-src ${origin}`].join("; ");

function document({ icon, css, head, feed }) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A shop</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="${css}">
${head}
</head>
<body>
<main>
<h1>Blue Bottle</h1>
<p>Fresh coffee, every morning.</p>
${feed}
<p id="after">See you soon.</p>
</main>
</body>
</html>`;
}

// Serves a page with the element at `/`, whose attributes are the parameters of the address. `pages` maps other paths to
// { feed, policy }: the page's content instead of the element, and its security policy.
export async function site(feedOrigin, style, { icon = `${feedOrigin}/img/my-shop/0-320.webp`, pages = {} } = {}) {
  const sheets = { "/reserved.css": style, "/plain.css": style.replace(/evertoken-feed:not[^}]*}/g, "") };
  const answer = (path) => {
    const url = new URL(path, "http://site.example");
    if (sheets[url.pathname]) return { type: "text/css", content: sheets[url.pathname] };
    const css = `/${url.searchParams.get("css") ?? "reserved"}.css`;
    const html = (head, feed, policy) => ({
      type: "text/html; charset=utf-8",
      headers: { "content-security-policy": policy },
      content: document({ icon, css, head, feed }),
    });
    if (pages[url.pathname]) return html("", pages[url.pathname].feed, pages[url.pathname].policy);
    if (url.pathname !== "/") return undefined;
    const attributes = [...url.searchParams].filter(([name]) => name !== "css");
    const written = attributes.map(([name, value]) => `${name}="${value.replaceAll('"', "&quot;")}"`).join(" ");
    const element = `<evertoken-feed ${written}>
<p><a href="https://www.instagram.com/blue_bottle/">Our photos on Instagram</a></p>
</evertoken-feed>`;
    return html(`<script type="module" src="${feedOrigin}/widget.js"></script>`, element, policyWithWidget(feedOrigin));
  };
  return serve("localhost", answer);
}
