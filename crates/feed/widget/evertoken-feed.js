// Shows a feed that Evertoken publishes:
//
//   <evertoken-feed src="https://feeds.example.com/feed/my-shop.json" layout="grid" columns="3" posts="12">
//     <a href="https://www.instagram.com/my_shop/">Our photos on Instagram</a>
//   </evertoken-feed>
//
// The content of the element is visible until the feed is. docs/feed-widget.md lists attributes, variables and parts.

// A constructable style sheet needs no 'unsafe-inline' in the page's security policy.
const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { display: grid; align-content: start; --tint: 8% }
:host([hidden]), [hidden] { display: none }
slot { display: block }
slot, ul { grid-area: 1 / 1; min-width: 0 }
ul {
  --n: var(--evertoken-columns, var(--columns));
  --gap: var(--evertoken-gap, 8px);
  --part: (100% - (var(--n) - 1) * var(--gap)) / var(--n);
  display: grid; gap: var(--gap); margin: 0; padding: 0; list-style: none; color: var(--evertoken-text, inherit);
}
.grid { grid-template-columns: repeat(auto-fill, minmax(max(5rem, var(--part) - .01px), 1fr)) }
.row {
  grid-auto-flow: column; grid-auto-columns: calc(var(--part));
  overflow-x: auto; scroll-snap-type: x proximity; scrollbar-width: thin;
}
li { position: relative; min-width: 0; min-height: 0; aspect-ratio: var(--evertoken-ratio, 1); scroll-snap-align: start }
.list li { aspect-ratio: auto; height: var(--evertoken-size, 6em) }
a { position: absolute; inset: 0; display: flex; color: inherit; text-decoration: none }
.list a { gap: 1em; align-items: center }
.loading li, .media, .bare {
  overflow: hidden; border-radius: var(--evertoken-radius, 4px);
  background: var(--evertoken-background, color-mix(in srgb, currentColor var(--tint), transparent));
}
.media { position: relative; flex: 1; align-self: stretch }
.list .media { flex: none; aspect-ratio: 1 }
img { position: absolute; width: 100%; height: 100%; object-fit: cover }
.badge {
  position: absolute; top: 6px; inset-inline-end: 6px; width: 24px; height: 24px;
  border-radius: 50%; background: #000a; pointer-events: none;
}
.badge::before { content: ""; position: absolute; inset: 7px; background: #fff }
.video::before { inset-inline-start: 9px; clip-path: polygon(0 0, 100% 50%, 0 100%) }
.album::before { inset: 8px 10px 10px 8px; box-shadow: 3px 3px #fff9 }
.text { display: grid; gap: .25em; flex: 1; min-width: 0; line-height: 1.4; overflow-wrap: anywhere }
.text span { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden }
time { font-size: .85em }
.bare { padding: .6em; align-items: start; font-size: .9em }
.bare span span { -webkit-line-clamp: 4; text-decoration: underline }
a:focus-visible { outline: 0 }
a:focus-visible::after {
  content: ""; position: absolute; inset: 0; border: 3px solid var(--evertoken-focus, #000);
  outline: 2px solid #fff; outline-offset: -5px; border-radius: var(--evertoken-radius, 4px);
}
a:hover img { opacity: .85 }
@media (prefers-color-scheme: dark) { :host { --tint: 18% } }
@media (prefers-reduced-motion: no-preference) { img { transition: opacity .2s } }
`);

const KINDS = { __proto__: null, image: "Photo", video: "Video", album: "Album" };

const create = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

const string = (value) => (typeof value === "string" ? value.trim() : "");

const shorten = (text) => (text.length > 300 ? `${[...text.slice(0, 300)].slice(0, -1).join("")}…` : text);

// Returns an http or https URL, or nothing. Only the page's own address may be relative.
const web = (value, base) => {
  try {
    const url = new URL(string(value), base);
    return /^https?:$/.test(url.protocol) ? url : undefined;
  } catch {}
};

// Returns the usable pictures of a post. They are loaded from the feed's host, whatever host the feed names.
const pictures = (images, feed) => (Array.isArray(images) ? images : []).flatMap((image) => {
  const url = web(image?.url);
  if (!url || !(image.width > 0 && image.height > 0)) return [];
  const address = new URL(feed.origin + url.pathname + url.search).href.replaceAll(",", "%2C");
  return { address, width: Math.round(image.width), height: Math.round(image.height), webp: image.type === "image/webp" };
}).sort((one, other) => one.width - other.width);

const srcset = (images) => images.map(({ address, width }) => `${address} ${width}w`).join(", ");

// Returns the list item of a post, or nothing if the post has neither a link nor a picture.
function item(post, { feed, layout, sizes, language }) {
  const extra = post._instagram ?? {};
  const href = web(post.url)?.href;
  const images = pictures(extra.images, feed);
  if (!href && !images.length) return [];

  const kind = KINDS[extra.type] ?? "Post";
  const day = new Date(post.date_published);
  let date = "";
  try {
    // Throws if there is no valid date. The next line throws if the page declares an invalid language.
    date = day.toISOString().slice(0, 10);
    date = day.toLocaleDateString(language, { dateStyle: "long" });
  } catch {}
  const caption = string(post.summary) || string(post.content_text);
  const label = shorten(caption || [kind, date].filter(Boolean).join(", "));

  const link = create("a", { part: "link", rel: "noopener" });
  if (href) link.href = href;
  const text = create("span", { className: "text", part: "text", dir: "auto" }, create("span", { textContent: label }));
  if (layout === "list" && caption && date) {
    text.append(create("time", { part: "date", dateTime: day.toISOString(), textContent: date }));
  }
  const bare = () => {
    link.classList.add("bare");
    link.replaceChildren(text);
  };

  if (images.length) {
    const webp = images.filter((image) => image.webp);
    const jpeg = images.filter((image) => !image.webp);
    const shown = jpeg.length ? jpeg : webp;
    const { address, width, height } = shown.at(-1);
    // A text next to the picture is not repeated as its alternative text.
    const alt = shorten(string(extra.alt)) || (layout === "list" ? "" : label);
    const img = create("img", { part: "picture", loading: "lazy", decoding: "async", alt, width, height });
    const picture = create("picture", {}, img);
    if (webp.length) picture.prepend(create("source", { type: "image/webp", sizes, srcset: srcset(webp) }));
    img.addEventListener("error", bare);
    Object.assign(img, { sizes, srcset: srcset(shown), src: address });
    const media = create("span", { className: "media", part: "media" }, picture);
    media.style.backgroundColor = string(extra.color);
    if (kind === "Video" || kind === "Album") {
      media.append(create("span", { className: `badge ${kind.toLowerCase()}`, part: "badge" }));
    }
    link.append(media);
    if (layout === "list") link.append(text);
  } else {
    bare();
  }
  return create("li", { part: "item" }, link);
}

class EvertokenFeed extends HTMLElement {
  static observedAttributes = ["src", "layout", "columns", "posts"];
  #slot = create("slot");
  #list = create("ul", { part: "feed", role: "list" });
  #request;
  #feed;
  #source;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.#slot, this.#list);
  }

  connectedCallback() {
    this.#update();
  }

  disconnectedCallback() {
    this.#request.abort();
  }

  attributeChangedCallback() {
    this.#update();
  }

  async #update() {
    this.#request?.abort();
    const { signal } = this.#request = new AbortController();
    // Attributes that change together cause one request.
    await null;
    if (signal.aborted || !this.isConnected) return;
    try {
      const source = this.hasAttribute("src") && web(this.getAttribute("src"), document.baseURI);
      if (!source) throw new TypeError("src is no web address");
      if (this.#source !== source.href) {
        this.#render();
        const response = await fetch(source, { signal, credentials: "omit" });
        if (!response.ok) throw response.status;
        this.#feed = await response.json();
        this.#source = source.href;
      }
      this.#render(source);
      this.dispatchEvent(new Event("load"));
    } catch {
      if (signal.aborted) return;
      this.#source = undefined;
      this.#list.hidden = !(this.#slot.hidden = false);
      this.dispatchEvent(new Event("error"));
    }
  }

  // Without a feed, reserves the room for one behind the content of the element.
  #render(feed) {
    const number = (name, usual) => Math.min(Math.max(parseInt(this.getAttribute(name)) || usual, 1), 100);
    const layout = this.getAttribute("layout");
    const list = this.#list;
    const known = ["row", "list"].includes(layout) ? layout : "grid";
    list.style.setProperty("--columns", number("columns", 3));
    list.className = `${known} loading`;
    list.ariaHidden = "true";
    list.hidden = this.#slot.hidden = false;
    list.replaceChildren(...Array.from({ length: number("posts", 12) }, () => create("li")));
    if (!feed) return;

    const width = known === "list" ? 96 : list.firstChild.clientWidth || innerWidth;
    // Browsers that do not know "auto" use the measured width.
    const view = { feed, layout: known, sizes: `auto, ${width}px`, language: this.closest("[lang]")?.lang || undefined };
    const items = this.#feed.items.flatMap((post) => {
      try {
        return item(post, view);
      } catch {
        return [];
      }
    }).slice(0, number("posts", 12));
    if (!items.length) throw new Error("the feed is empty");
    list.replaceChildren(...items);
    list.className = known;
    list.ariaHidden = null;
    list.ariaLabel = string(this.#feed.title) || "Instagram";
    this.#slot.hidden = true;
  }
}

customElements.get("evertoken-feed") || customElements.define("evertoken-feed", EvertokenFeed);
