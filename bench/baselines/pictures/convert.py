"""`convert.py FOLDER THREADS OUTPUT`: converts all pictures of a folder with Pillow, as crates/feed/examples does."""

import io
import json
import pathlib
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageOps

WIDTHS = [1080, 640, 320]


def ticks():
    fields = pathlib.Path("/proc/self/stat").read_text().rsplit(") ", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def peak_kib():
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def encode(picture, **options):
    file = io.BytesIO()
    picture.save(file, **options)
    return file.getvalue()


def convert(content):
    """The files by width. Each size is made from the next larger one."""
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    picture.info.clear()
    files = {}
    for width in WIDTHS:
        width = min(width, picture.width)
        if width != picture.width:
            height = round(picture.height * width / picture.width)
            picture = picture.resize((width, height), Image.Resampling.LANCZOS)
        webp = encode(picture, format="WEBP", quality=75, method=2)
        files[width] = (webp, encode(picture, format="JPEG", quality=80, subsampling="4:2:0"))
    return files


folder, threads, output = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
pictures = [path.read_bytes() for path in sorted(folder.iterdir())]
begun, ticks_before = time.perf_counter(), ticks()
first, sizes = None, [0, 0]
with ThreadPoolExecutor(threads) as pool:
    for files in pool.map(convert, pictures):
        first = first or files
        for webp, jpeg in files.values():
            sizes[0] += len(webp)
            sizes[1] += len(jpeg)
seconds, cpu_ticks = time.perf_counter() - begun, ticks() - ticks_before
for width, (webp, jpeg) in first.items():
    (output / f"{width}.webp").write_bytes(webp)
    (output / f"{width}.jpg").write_bytes(jpeg)
print(json.dumps({
    "pictures": len(pictures), "seconds": seconds, "cpu_ticks": cpu_ticks, "peak_kib": peak_kib(),
    "webp_bytes": sizes[0], "jpeg_bytes": sizes[1],
}))
