// Describes how a page is laid out: a line for each element, with its box, and the colors in use.

// Text is measured in a font of the project's own. Texts that differ in each run get a fixed one.
export async function prepare(page, fonts) {
  const faces = fonts.map(([weight, data]) =>
    `@font-face { font-family: Pinned; font-weight: ${weight}; src: url(data:font/woff2;base64,${data}); }`);
  await page.addStyleTag({ content: `${faces.join("\n")}\n* { font-family: Pinned !important; }` });
  await page.evaluate(async () => {
    for (const time of document.querySelectorAll("time")) time.textContent = "25 September 2027";
    for (const code of document.querySelectorAll("summary code")) code.textContent = "0123456789";
    for (const details of document.querySelectorAll("details")) details.open = true;
    await document.fonts.ready;
  });
}

// "p.quiet 32,480 532x25": the position of the element's left upper corner, and its size, in pixels.
export function boxes(page) {
  return page.evaluate(() => {
    const lines = [];
    const describe = (element, depth) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      const name = [element.localName, ...element.classList].join(".");
      const [left, top] = [x, y].map(Math.round);
      lines.push(`${"  ".repeat(depth)}${name} ${left},${top} ${Math.round(width)}x${Math.round(height)}`);
      if (element.localName !== "svg") for (const child of element.children) describe(child, depth + 1);
    };
    describe(document.body, 0);
    return lines;
  });
}

// "p.quiet: #5c5c58 on #ffffff, 14px/22px 400", once for each combination.
export function styles(page) {
  return page.evaluate(() => {
    const hex = (color) => `#${color.match(/\d+/g).slice(0, 3).map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
    const background = (element) => {
      const color = getComputedStyle(element).backgroundColor;
      return color.startsWith("rgba(0, 0, 0, 0") ? background(element.parentElement) : hex(color);
    };
    const lines = new Set();
    for (const element of document.body.querySelectorAll("*")) {
      const style = getComputedStyle(element);
      const name = [element.localName, ...element.classList].join(".");
      if (element instanceof SVGElement) {
        lines.add(`${name}: fill ${style.fill === "none" ? "none" : hex(style.fill)}`);
        continue;
      }
      const border = ["Top", "Left"].map((side) => [style[`border${side}Width`], hex(style[`border${side}Color`])])
        .find(([width]) => width !== "0px");
      const text = `${style.fontSize}/${style.lineHeight} ${style.fontWeight}`;
      lines.add(`${name}: ${hex(style.color)} on ${background(element)}, ${text}${border ? `, border ${border.join(" ")}` : ""}`);
    }
    return [...lines].sort();
  });
}
