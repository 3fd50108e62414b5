// Pages whose requests, console messages and layout shifts are recorded.
import { newPage } from "./session.mjs";

export const LAYOUTS = ["grid", "row", "list"];
export const DEVICES = {
  phone: { viewport: { width: 390, height: 3000 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  desktop: { viewport: { width: 1280, height: 2400 } },
};

// Opens a blank page. `hosts` has the origins of all its requests, `messages` what the console says.
export async function observedPage(options = {}) {
  const page = await newPage({ ...DEVICES.desktop, ...options });
  page.hosts = new Set();
  page.messages = [];
  page.on("request", (request) => page.hosts.add(new URL(request.url()).origin));
  page.on("console", (message) => page.messages.push(message.text()));
  page.on("pageerror", (error) => page.messages.push(String(error)));
  await page.addInitScript(() => {
    globalThis.shifts = [];
    globalThis.observer = new PerformanceObserver((list) => globalThis.shifts.push(...list.getEntries()));
    globalThis.observer.observe({ type: "layout-shift", buffered: true });
  });
  return page;
}

export async function painted(page) {
  await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

// The cumulative layout shift so far.
export async function shift(page) {
  await painted(page);
  return page.evaluate(() => [...globalThis.shifts, ...globalThis.observer.takeRecords()]
    .reduce((sum, { value }) => sum + value, 0));
}

export const isWiderThanScreen = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

// A promise and the function that fulfills it.
export function gate() {
  let open;
  const promise = new Promise((resolve) => { open = resolve; });
  return [promise, open];
}
