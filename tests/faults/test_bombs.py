"""Pictures that claim or hold more than can be read: refused from their headers, in little memory and time."""

import io
import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segshell.picture_limits import MOST_PIXELS
from tests.shell.pictures import png

ROOT = Path(__file__).parents[2]
# What Pillow only warns of (89.5 to 179 million pixels), and what it refuses.
SIZES = {"narrow": (65_535, 1_400), "warned": (13_000, 13_000), "large": (20_000, 20_000)}


def saved(kind, **options):
    """Return the bytes of a small picture."""
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (9, 99, 199)).save(file, kind, **options)
    return bytearray(file.getvalue())


def replaced(content, mark, offset, new):
    """Return bytes with others at an offset from the first place of a mark."""
    start = content.index(mark) + offset
    return bytes(content[:start] + new + content[start + len(new) :])


TAGS = {256: (4, 1, 10), 257: (4, 1, 10), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1), 273: (4, 1, 8)}
TAGS |= {
    277: (3, 1, 1),
    278: (4, 1, 10),
    279: (4, 1, 100),
}  # type, count and value by number (TIFF 6.0, section 2)


def tiff(changes, body=b"", following=0):
    """Return the bytes of a TIFF of 10 x 10 pixels with some tags changed."""
    entries = sorted({**TAGS, **changes}.items())
    packed = b"".join(struct.pack("<HHII", number, *rest) for number, rest in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + packed + struct.pack("<I", following) + body


def claims(width, height):
    """Return files that claim a size, by their names."""
    claimed = struct.pack(">II", width, height)
    return {
        "a.png": png(width, height, 8, 2, b""),
        "a.gif": replaced(saved("GIF"), b"GIF8", 6, struct.pack("<HH", width, height)),
        "a.bmp": replaced(saved("BMP"), b"BM", 18, struct.pack("<ii", width, height)),
        "a.jpg": replaced(saved("JPEG"), b"\xff\xc0", 5, struct.pack(">HH", height, width)),
        "a.jp2": replaced(saved("JPEG2000"), b"ihdr", 4, struct.pack(">II", height, width)),
        "b.jp2": replaced(saved("JPEG2000", no_jp2=True), b"\xff\x51", 6, claimed),
        "a.ppm": f"P6 {width} {height} 255\n".encode(),
        "grey.tif": tiff({256: (4, 1, width), 257: (4, 1, height), 278: (4, 1, height)}),
        "bands.tif": tiff({256: (4, 1, width), 257: (4, 1, height), 278: (4, 1, height), 277: (3, 1, 5)}),
    }


def webp(width, height):
    """Return a WebP whose canvas is of a size that its picture has not (RFC 9649, section 2.7)."""
    canvas = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + canvas + bytes(saved("WEBP")[12:])
    return b"RIFF" + struct.pack("<I", len(body)) + body


BANDED = ("circle.tif", "pages.tif", "strip.tif", "tile.tif", "volume.tif")
LIES = (
    *BANDED, "canvas.webp", "frame.gif", "profile.png", "samples.tif", "small.webp", "strips.tif", "text.png",
)  # fmt: skip


def lies():
    """Return files that hold more than they claim, or whose tags are absurd, by their names."""
    inflated = zlib.compress(bytes(250_000_000), level=1)
    frame = bytes(saved("GIF"))
    start = frame.rindex(b"\x2c\0\0\0\0") + 5
    return {
        "frame.gif": frame[:start] + struct.pack("<HH", 20_000, 20_000) + frame[start + 4 :],
        "profile.png": png(1, 1, 8, 0, b"\0\0", (b"iCCP", b"a\0\0" + inflated)),
        "text.png": png(1, 1, 8, 0, b"\0\0", (b"zTXt", b"a\0\0" + inflated)),
        "strip.tif": tiff(
            {259: (3, 1, 8), 277: (3, 1, 5), 273: (4, 1, 122), 279: (4, 1, len(inflated))}, inflated
        ),
        "circle.tif": tiff({}, following=8),
        "pages.tif": tiff({}, b"".join(struct.pack("<HI", 0, 128 + 6 * n) for n in range(50_000)), 122),
        "tile.tif": tiff(
            {322: (4, 1, 1 << 16), 323: (4, 1, 1 << 16), 324: (4, 1, 8), 325: (4, 1, 9), 259: (3, 1, 8)}
        ),
        "volume.tif": tiff({32997: (4, 1, 1 << 30)}, bytes(200)),
        "strips.tif": tiff({273: (4, 1 << 31, 8), 279: (4, 1 << 31, 8)}),
        "samples.tif": tiff({277: (3, 1, 65_535)}),
        "canvas.webp": webp(16_384, 16_384),
        "small.webp": webp(8, 8),
    }


READ = """
import json, resource, sys, time, warnings
warnings.simplefilter("ignore")
import numpy, cv2, tifffile
from pathlib import Path
from PIL import Image
from segcore.errors import DataError
from segshell import image_files, mask_files
from segshell.image_reader import ImageReader
Image.init()
held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + 200 * 2**20,) * 2)
readers = [image_files.header, ImageReader().read, ImageReader(count=5).read, mask_files.read_mask]
readers += [mask_files.read_colours, mask_files.read_planes]
for path in sorted(Path(sys.argv[1]).rglob("*.*")):
    codes, start = [], time.process_time()
    for read in readers:
        try:
            codes.append(str(getattr(read(path), "size", "header")))
        except DataError as error:
            codes.append(error.findings[0].code)
    print(json.dumps([path.relative_to(sys.argv[1]).as_posix(), codes, time.process_time() - start]))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Give what six readers make of each file, and their seconds, in a process that may take 200 MB more."""
    folder = tmp_path_factory.mktemp("bombs")
    every = {
        f"{name}/{file}": content for name, size in SIZES.items() for file, content in claims(*size).items()
    }
    every |= {f"lies/{file}": content for file, content in lies().items()}
    assert {name for name in every if name.startswith("lies")} == {f"lies/{name}" for name in LIES}
    for name, content in every.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    ran = subprocess.run(
        [sys.executable, "-c", READ, folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    return {name: (codes, seconds) for name, codes, seconds in rows}


@pytest.mark.parametrize("size", SIZES)
def test_what_claims_too_many_pixels_is_refused_from_its_header_whatever_reads_it(size, answers):
    """Fault 34: without `refuse_size` before the pixels a file of 100 bytes would take gigabytes."""
    assert np.prod(SIZES[size]) > MOST_PIXELS
    for file in claims(1, 1):
        codes, seconds = answers[f"{size}/{file}"]
        # No mask has five bands.
        assert set(codes) - ({"unreadable-image"} if file == "bands.tif" else set()) == {"image-too-large"}, (
            file
        )
        assert seconds < 5


@pytest.mark.parametrize("file", LIES)
def test_what_holds_more_than_it_claims_is_refused_in_little_memory_and_time(file, answers):
    """Fault 34: without `segshell.tiff_structure` a circle of pages never ends, and a strip inflates without end."""
    codes, seconds = answers[f"lies/{file}"]
    allowed = {"image-too-large", "unreadable-image", "several-frames", "header", "image-channels"}
    pixels = {code for code in codes if code.isdecimal()}
    assert set(codes) - pixels <= allowed, codes
    assert all(int(one) <= 16 * 16 * 3 for one in pixels)
    assert seconds < 5


@pytest.mark.parametrize("file", BANDED)
def test_absurd_tags_of_a_tiff_are_an_error_of_its_own_for_all_bands(file, answers):
    """Fault 34: without `check_segments` and `page_count` these are read in part, or never to the end."""
    codes, _ = answers[f"lies/{file}"]
    assert codes[2] in {"unreadable-image", "several-frames"}
    assert "image-memory" not in codes
