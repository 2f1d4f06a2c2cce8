#!/usr/bin/env python3
"""How much a pack that was compact (unpack.py) differs from the pack that it was made of.

    python3 compare_packs.py PACK UNPACKED

Needs Python 3.8 and NumPy. Prints one line a kind of tensor; of pictures the PSNR over all, and of
the worst clip.
"""

import json
import math
import pathlib
import sys

import numpy as np

TYPES = {"U8": np.uint8, "F16": np.float16, "F32": np.float32, "I32": np.int32}
PICTURES = ("crop", "mouth")


class Pack:
    """pack.json and its shards, mapped into memory."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.clips = {clip["id"]: clip for clip in
                      json.loads((self.folder / "pack.json").read_text())["clips"]}
        self.shards = {}

    def get(self, clip, part):
        """A tensor of a clip, or None."""
        name = self.clips[clip]["shard"]
        if name not in self.shards:
            data = np.memmap(self.folder / name, dtype=np.uint8, mode="r")
            size = int(data[:8].view("<u8")[0])
            self.shards[name] = json.loads(data[8:8 + size].tobytes()), data[8 + size:]
        header, data = self.shards[name]
        entry = header.get(f"{clip}/{part}")
        if entry is None:
            return None
        begin, end = entry["data_offsets"]
        return np.frombuffer(data[begin:end].tobytes(), TYPES[entry["dtype"]]) \
            .reshape(entry["shape"]).astype(np.float32)


def psnr(square, count):
    return 10 * math.log10(255 ** 2 * count / square) if square else math.inf


def compare(full, other, part):
    square = count = most = 0.0
    worst = (math.inf, "")
    for clip in other.clips:
        was, now = full.get(clip, part), other.get(clip, part)
        if (was is None) != (now is None) or (was is not None and was.shape != now.shape):
            sys.exit(f"compare_packs.py: error: {clip}/{part}: not the same shape")
        if was is None or not was.size:
            continue
        error = now - was
        one = float(np.sum(np.square(error, dtype=np.float64)))
        square, count = square + one, count + error.size
        most = max(most, float(np.abs(error).max()))
        worst = min(worst, (psnr(one, error.size), clip))
    if not count:
        return "not there"
    text = f"rms {math.sqrt(square / count):.3g}, largest {most:.3g}"
    if part in PICTURES:
        text += f", PSNR {psnr(square, count):.2f} dB, worst clip {worst[0]:.2f} dB ({worst[1]})"
    return text


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: compare_packs.py PACK UNPACKED")
    full, other = Pack(sys.argv[1]), Pack(sys.argv[2])
    strange = [clip for clip in other.clips if clip not in full.clips]
    if strange:
        sys.exit(f"compare_packs.py: error: {full.folder}: has no clip {strange[0]}, which is in "
                 f"{other.folder} ({len(strange)} such clips): is it the pack that was made small?")
    print(f"{len(other.clips)} of {len(full.clips)} clips")
    for part in ("time", "valid", "active", "crop_frame", "mesh", "rest", "crop_points", "mel",
                 "encoded", "mouth", "crop"):
        print(f"{part}: {compare(full, other, part)}")


if __name__ == "__main__":
    main()
