// `convert.mjs FOLDER THREADS OUTPUT`: converts all pictures of a folder with sharp, as crates/feed/examples does.
// UV_THREADPOOL_SIZE must be the number of threads.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";

const WIDTHS = [1080, 640, 320];
const [folder, threads, output] = process.argv.slice(2);
// Each pipeline uses one thread, and no result is reused.
sharp.concurrency(1);
sharp.cache(false);

function ticks() {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
const peakKib = () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]);

// The files by width. Each size is made from the next larger one, and decoded only once.
async function convert(content) {
  const files = {};
  let { data, info } = await sharp(content).autoOrient().resize({ width: WIDTHS[0], withoutEnlargement: true }).removeAlpha()
    .raw().toBuffer({ resolveWithObject: true });
  for (const width of WIDTHS) {
    const raw = () => ({ raw: { width: info.width, height: info.height, channels: info.channels } });
    if (info.width > width) ({ data, info } = await sharp(data, raw()).resize({ width }).raw().toBuffer({ resolveWithObject: true }));
    const webp = await sharp(data, raw()).webp({ quality: 75, effort: 2 }).toBuffer();
    const jpeg = await sharp(data, raw()).jpeg({ quality: 80, chromaSubsampling: "4:2:0", optimizeCoding: false }).toBuffer();
    files[info.width] = [webp, jpeg];
  }
  return files;
}

const pictures = readdirSync(folder).sort().map((name) => readFileSync(join(folder, name)));
const before = ticks();
const begun = performance.now();
let next = 0;
let first;
const sizes = [0, 0];
await Promise.all(Array.from({ length: Number(threads) }, async () => {
  while (next < pictures.length) {
    const files = await convert(pictures[next++]);
    first ??= files;
    for (const [webp, jpeg] of Object.values(files)) {
      sizes[0] += webp.length;
      sizes[1] += jpeg.length;
    }
  }
}));
const seconds = (performance.now() - begun) / 1000;
const cpuTicks = ticks() - before;
for (const [width, [webp, jpeg]] of Object.entries(first)) {
  writeFileSync(join(output, `${width}.webp`), webp);
  writeFileSync(join(output, `${width}.jpg`), jpeg);
}
console.log(JSON.stringify({
  pictures: pictures.length, seconds, cpu_ticks: cpuTicks, peak_kib: peakKib(), webp_bytes: sizes[0], jpeg_bytes: sizes[1],
}));
