"""`generate.py FOLDER`: draws the pictures that are converted: clouds in three colors, discs, and noise as of a sensor."""

import pathlib
import random
import sys

from PIL import Image, ImageChops, ImageDraw

SIZES = [(1080, 1350), (1440, 1800), (1080, 1080), (1440, 1080)]
PICTURES = 24


def draw(seed, size):
    numbers = random.Random(seed)
    noise = lambda width, height: Image.frombytes("L", (width, height), numbers.randbytes(width * height))
    channels = []
    for _ in range(3):
        cloud = Image.new("L", size, 128)
        for octave in range(1, 8):
            detail = noise(2**octave, 2**octave).resize(size, Image.Resampling.BICUBIC)
            cloud = Image.blend(cloud, detail, 1 / (octave + 1))
        channels.append(cloud)
    picture = Image.merge("RGB", channels)
    pen = ImageDraw.Draw(picture)
    for _ in range(6):
        x, y, radius = numbers.randrange(size[0]), numbers.randrange(size[1]), numbers.randrange(30, 150)
        color = tuple(numbers.randrange(256) for _ in range(3))
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)
    grain = noise(*size).point(lambda value: value // 20)
    return ImageChops.add(picture, Image.merge("RGB", [grain] * 3))


folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for number in range(PICTURES):
    draw(number, SIZES[number % len(SIZES)]).save(folder / f"{number:02}.jpg", quality=90)
