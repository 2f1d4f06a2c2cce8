#!/usr/bin/env python3
"""Makes a training pack of the compact pack that `visema pack` wrote.

    python3 unpack.py COMPACT PACK [--jobs N]

Needs Python 3.8 and OpenCV's module cv2 (with NumPy, which cv2 needs itself). Parts that are not
there are left out: what is there becomes a pack. docs/training-pack.md describes both forms.
Exit codes: 0 a pack was written, 1 OpenCV is missing, 2 wrong usage, 3 the compact pack is damaged
or incomplete, 4 the pack cannot be written or a worker process died.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shutil
import struct
import sys
import tempfile
import time
import zlib
from concurrent.futures.process import BrokenProcessPool

try:
    import cv2
    import numpy as np
except ImportError as missing:
    sys.exit(f"unpack.py: error: {missing}: install OpenCV for Python (opencv-python-headless, "
             "python3-opencv)")

COMPACT_VERSION = 1
PACK_VERSION = 1
POINTS = 478
MEL_BANDS = 80
ENCODED = 288  # features of the speech encoder
MEL_LOW, MEL_RANGE = -4.0, 8.0
MOUTH = 48
CROP = 192
LIST_FIELDS = {"pack_sha256": str, "shape_step": (int, float), "mel_levels": (int, float),
               "crop_crf": int, "mouth_crf": int, "errors": dict, "files": list, "parts": list,
               "dropped": list}
ENTRY_FIELDS = {"name": str, "bytes": int, "sha256": str}
NEEDED = ("shapes.safetensors", "basis.safetensors")
ITEM_BYTES = {"U8": 1, "F16": 2, "F32": 4, "I32": 4}


class Damaged(Exception):
    """The compact pack is not what it should be; the message names the file."""


# Files.

def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def read_json(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Damaged(f"{path}: cannot be read: {error}") from error


class TensorFile:
    """A safetensors file: 8 bytes of length, a JSON header, the numbers."""

    TYPES = {"U8": np.uint8, "F32": np.float32}

    def __init__(self, path):
        self.path = path
        try:
            self.bytes = np.memmap(path, dtype=np.uint8, mode="r")
            (size,) = struct.unpack("<Q", self.bytes[:8].tobytes())
            self.header = json.loads(self.bytes[8:8 + size].tobytes())
            self.metadata = self.header.pop("__metadata__", {})
        except (OSError, struct.error, ValueError, TypeError, AttributeError) as error:
            raise Damaged(f"{path}: is no safetensors file: {error}") from error
        self.data = self.bytes[8 + size:]

    def get(self, name):
        if name not in self.header:
            raise Damaged(f"{self.path}: has no tensor {name}")
        entry = self.header[name]
        begin, end = entry["data_offsets"]
        return self.data[begin:end].view(self.TYPES[entry["dtype"]]).reshape(entry["shape"])


class ShardWriter:
    """Writes a safetensors file in pieces, beside its name, and sums it up on the way.

    `tensors`: name, dtype and shape of each, in the order in which write() brings them.
    """

    def __init__(self, path, tensors):
        header, place = {"__metadata__": {"visema": "training pack, version 1"}}, 0
        for name, dtype, shape in tensors:
            size = ITEM_BYTES[dtype] * int(np.prod(shape, dtype=np.int64))
            header[name] = {"dtype": dtype, "shape": list(shape),
                            "data_offsets": [place, place + size]}
            place += size
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        self.tensors = iter(tensors)
        self.path = path
        self.part = path.with_name(path.name + ".part")
        self.digest = hashlib.sha256()
        self.file = open(self.part, "wb")
        self._put(struct.pack("<Q", len(text)) + text)

    def _put(self, data):
        self.file.write(data)
        self.digest.update(data)

    def write(self, name, values):
        wanted, dtype, shape = next(self.tensors)
        if name != wanted or values.shape != tuple(shape) or \
                values.itemsize != ITEM_BYTES[dtype]:
            raise ValueError(f"{name} {values.dtype}{list(values.shape)} where {wanted} "
                             f"{dtype}{list(shape)} belongs")
        self._put(np.ascontiguousarray(values).data.cast("B") if values.size else b"")

    def finish(self):
        self.file.close()
        os.replace(self.part, self.path)
        return self.digest.hexdigest()


# What is in a part.

def inflated(blob, dtype):
    return np.frombuffer(zlib.decompress(blob.tobytes()), dtype=dtype)


def decode_bytes(blob, columns):
    """Rows of 8-bit numbers from their steps, column after column."""
    steps = inflated(blob, np.uint8).reshape(columns, -1)
    return np.cumsum(steps, axis=1, dtype=np.uint8).T


def decode_steps(blob, columns):
    """Rows of 16-bit numbers from their folded steps, low bytes before high ones."""
    low, high = inflated(blob, np.uint8).reshape(2, columns, -1).astype(np.uint16)
    folded = low | high << 8
    steps = (folded >> 1).astype(np.int16) ^ -(folded & 1).astype(np.int16)
    return np.cumsum(steps, axis=1, dtype=np.int16).T


def decode_video(blob, count, width, height, name):
    """The grey pictures of an H.264 file [count, height, width]."""
    pictures = np.empty((count, height, width), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "video.mp4")
        blob.tofile(path)
        video = cv2.VideoCapture(path, cv2.CAP_FFMPEG)
        for i in range(count + 1):
            there, picture = video.read()
            if there != (i < count) or (there and picture.shape[:2] != (height, width)):
                shape = picture.shape[1::-1] if there else None
                raise Damaged(f"{name}: frame {i} of {count} is {shape}, must be "
                              f"{(width, height) if i < count else None}: does this OpenCV "
                              "decode H.264?")
            if there:
                pictures[i] = picture[:, :, 1]
        video.release()
    return pictures


def colours(planes):
    """RGB crops of their luma and halved chroma planes."""
    crops = np.empty((len(planes), CROP, CROP, 3), np.uint8)
    half = CROP // 2
    for planes_of_one, crop in zip(planes, crops):
        blue, red = (cv2.resize(np.ascontiguousarray(plane), (CROP, CROP),
                                interpolation=cv2.INTER_LINEAR)
                     for plane in (planes_of_one[CROP:, :half], planes_of_one[CROP:, half:]))
        ycc = cv2.merge([np.ascontiguousarray(planes_of_one[:CROP]), red, blue])
        cv2.cvtColor(ycc, cv2.COLOR_YCrCb2RGB, dst=crop)
    return crops


def counts_of(clip):
    """Frames, crops, mel frames and rows of the speech encoder's features of a clip."""
    return (clip["frames"], clip.get("crops", 0), clip.get("mel_frames", 0),
            clip.get("encoded_rows", 0))


class Group:
    """Clips that were coded together, and where the next of them begins."""

    def __init__(self, part, number, clips, shapes, coding):
        self.part, self.number, self.shapes = part, number, shapes
        self.step, self.levels = coding["shape_step"], coding["mel_levels"]
        frames = sum(clip["frames"] for clip in clips)
        talking = sum(clip["frames"] for clip in clips if "mel_frames" in clip)
        crops = sum(clip.get("crops", 0) for clip in clips)
        self.frame = self.face = self.mel_frame = self.mouth_frame = self.crop_frame = 0
        self.encoded_row = 0
        self.time = inflated(self._get("time"), np.float32)
        self.valid = inflated(self._get("valid"), np.uint8)
        self.steps = decode_steps(self._get("mesh"), len(shapes["rows"]))
        if talking:
            self.mel = decode_bytes(self._get("mel"), MEL_BANDS)
            self.active = inflated(self._get("active"), np.uint8)
            self.mouths = self._video("mouth", talking, MOUTH, MOUTH)
        if any("encoded_rows" in clip for clip in clips):
            self.encoded = decode_bytes(self._get("encoded"), ENCODED)
            self.encoded_range = self._get("encoded_range").view(np.float32).reshape(2, ENCODED)
        if crops:
            self.crop_frames = inflated(self._get("crop_frame"), np.int32)
            self.maps = self._get("crop_map").view(np.float32).reshape(crops, 2, 4)
            self.crops = colours(self._video("crop", crops, CROP, CROP * 3 // 2))
        if len(self.time) != frames or len(self.valid) != frames or \
                len(self.steps) != frames + len(clips):
            raise Damaged(f"{part.path}: group {number} has not the frames of its clips")

    def _get(self, blob):
        return self.part.get(f"{self.number}/{blob}")

    def _video(self, blob, count, width, height):
        return decode_video(self._get(blob), count, width, height,
                            f"{self.part.path}: {self.number}/{blob}")

    def next_clip(self, clip):
        """Name and numbers of the next clip's tensors, in the order of tensors_of()."""
        frames, crops, mel_frames, encoded_rows = counts_of(clip)
        steps = self.steps[self.face:self.face + 1 + frames].astype(np.float32)
        faces = steps * np.float32(self.step) @ self.shapes["rows"] + self.shapes["mean"]
        faces = faces.reshape(1 + frames, POINTS, 3)
        valid = self.valid[self.frame:self.frame + frames]
        mesh = faces[1:]
        yield "time", self.time[self.frame:self.frame + frames]
        yield "mesh", np.where(valid[:, None, None] != 0, mesh, 0).astype(np.float16)
        yield "valid", valid
        yield "rest", faces[0]
        if mel_frames:
            mel = self.mel[self.mel_frame:self.mel_frame + mel_frames].astype(np.float32)
            yield "mel", (mel * (MEL_RANGE / self.levels) + MEL_LOW).astype(np.float16)
            yield "active", self.active[self.mel_frame:self.mel_frame + mel_frames]
            yield "mouth", self.mouths[self.mouth_frame:self.mouth_frame + frames]
            self.mouth_frame += frames
        if encoded_rows:
            low, high = self.encoded_range
            share = self.encoded[self.encoded_row:self.encoded_row + encoded_rows] / np.float32(255)
            yield "encoded", (low + share * (high - low)).astype(np.float16)
        if crops:
            here = slice(self.crop_frame, self.crop_frame + crops)
            frame = self.crop_frames[here]
            maps = self.maps[here]
            points = np.einsum("npc,nac->npa", mesh[frame], maps[:, :, :3])
            yield "crop", self.crops[here]
            yield "crop_points", (points + maps[:, None, :, 3]).astype(np.float32)
            yield "crop_frame", frame
        self.frame += frames
        self.face += 1 + frames
        self.mel_frame += mel_frames
        self.encoded_row += encoded_rows
        self.crop_frame += crops


def tensors_of(clip):
    frames, crops, mel_frames, encoded_rows = counts_of(clip)
    tensors = [("time", "F32", (frames,)), ("mesh", "F16", (frames, POINTS, 3)),
               ("valid", "U8", (frames,)), ("rest", "F32", (POINTS, 3))]
    if mel_frames:
        tensors += [("mel", "F16", (mel_frames, MEL_BANDS)), ("active", "U8", (mel_frames,)),
                    ("mouth", "U8", (frames, MOUTH, MOUTH))]
    if encoded_rows:
        tensors.append(("encoded", "F16", (encoded_rows, ENCODED)))
    if crops:
        tensors += [("crop", "U8", (crops, CROP, CROP, 3)),
                    ("crop_points", "F32", (crops, POINTS, 2)), ("crop_frame", "I32", (crops,))]
    return [(f"{clip['id']}/{name}", dtype, shape) for name, dtype, shape in tensors]


def unpack_part(source, target, coding):
    """One part to one shard; gives back its lines of pack.json and its SHA-256."""
    try:
        return decode_part(source, target, coding)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, StopIteration,
            zlib.error, cv2.error) as error:
        raise Damaged(f"{source}: is not what visema pack writes: {type(error).__name__}: "
                      f"{error}") from error


def decode_part(source, target, coding):
    cv2.setNumThreads(1)
    shapes_file = TensorFile(source.parent / "shapes.safetensors")
    shapes = {"mean": shapes_file.get("mean").reshape(-1),
              "rows": shapes_file.get("rows").reshape(-1, POINTS * 3)}
    part = TensorFile(source)
    groups = json.loads(part.metadata["groups"])
    shard = ShardWriter(target, [tensor for clips in groups for clip in clips
                                 for tensor in tensors_of(clip)])
    lines = []
    for number, clips in enumerate(groups):
        group = Group(part, number, clips, shapes, coding)
        for clip in clips:
            for name, values in group.next_clip(clip):
                shard.write(f"{clip['id']}/{name}", values)
            line = {key: value for key, value in clip.items()
                    if key not in ("mel_frames", "encoded_rows")}
            lines.append({**line, "shard": target.name})
    return lines, shard.finish()


# The whole.

def check(folder, entries):
    """Which of the files are there. A file that is another than the list says: Damaged."""
    there, missing = [], []
    for entry in entries:
        path = folder / entry["name"]
        try:
            if not path.exists():
                missing.append(entry["name"])
                continue
            size = path.stat().st_size
            same = size == entry["bytes"] and sha256_of(path) == entry["sha256"]
        except OSError as error:
            raise Damaged(f"{path}: cannot be read: {error}") from error
        if not same:
            raise Damaged(f"{path}: is damaged or of another pack ({size} bytes, must be "
                          f"{entry['bytes']} with SHA-256 {entry['sha256']}): copy it again")
        there.append(entry["name"])
    return there, missing


def check_fields(path, what, value, fields):
    if not isinstance(value, dict):
        raise Damaged(f"{path}: {what}: must be an object")
    for name, kind in fields.items():
        if not isinstance(value.get(name), kind):
            raise Damaged(f"{path}: {what}: {name} is missing or of the wrong type")


def check_list(path, coding):
    """Before anything is made of it: what is wrong with compact.json must not show at the end."""
    check_fields(path, "list", coding, LIST_FIELDS)
    for entry in coding["files"] + coding["parts"]:
        check_fields(path, "file", entry, ENTRY_FIELDS)
        if pathlib.PurePath(entry["name"]).name != entry["name"]:
            raise Damaged(f"{path}: file {entry['name']}: must be a name without folders")
    names = [entry["name"] for entry in coding["files"]]
    for needed in NEEDED:
        if needed not in names:
            raise Damaged(f"{path}: does not list {needed}")


def read_list(folder):
    path = folder / "compact.json"
    coding = read_json(path)
    if not isinstance(coding, dict) or coding.get("compact_version") != COMPACT_VERSION:
        raise Damaged(f"{path}: is not the list of a compact pack, version {COMPACT_VERSION}")
    check_list(path, coding)
    _, missing = check(folder, coding["files"])
    if missing:
        raise Damaged(f"{folder / missing[0]}: is missing; every part needs it")
    parts, missing = check(folder, coding["parts"])
    if not parts:
        raise Damaged(f"{folder}: none of its {len(missing)} parts is here")
    return coding, parts, missing


def unpack(folder, out, jobs):
    coding, parts, missing = read_list(folder)
    out.mkdir(parents=True, exist_ok=True)
    (out / "pack.json").unlink(missing_ok=True)  # what is there is no pack until the end
    names = [f"clips-{i:03}.safetensors" for i in range(len(parts))]
    try:
        done = unpack_parts(folder, parts, out, names, coding, jobs)
        for entry in coding["files"]:
            if entry["name"] != "shapes.safetensors":
                shutil.copyfile(folder / entry["name"], out / entry["name"])
        remove_shards(out, len(parts))
        return write_list(out, coding, len(parts), missing, done)
    finally:
        for name in names + ["pack.json"]:  # a worker that was killed could not do it
            (out / (name + ".part")).unlink(missing_ok=True)


def unpack_parts(folder, parts, out, names, coding, jobs):
    jobs = min(jobs or os.cpu_count() or 1, len(parts))
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(unpack_part, [folder / part for part in parts],
                             [out / name for name in names], [coding] * len(parts)))


def remove_shards(out, number):
    """Those of an earlier unpack that had more parts, from `number` on."""
    while (out / f"clips-{number:03}.safetensors").exists():
        (out / f"clips-{number:03}.safetensors").unlink()
        number += 1


def write_list(out, coding, parts, missing, done):
    sums = [digest for _, digest in done] + [sha256_of(out / "basis.safetensors")]
    pack = {"version": PACK_VERSION, "basis": "basis.safetensors",
            "sha256": hashlib.sha256("".join(sums).encode()).hexdigest(),
            "unpacked_from": {"sha256": coding["pack_sha256"], "parts": parts,
                              "missing_parts": missing, "crop_crf": coding["crop_crf"],
                              "mouth_crf": coding["mouth_crf"], "errors": coding["errors"]},
            "clips": [line for lines, _ in done for line in lines],
            "dropped": coding["dropped"]}
    part = out / "pack.json.part"
    part.write_text(json.dumps(pack, indent=1) + "\n", encoding="utf-8")
    os.replace(part, out / "pack.json")
    return pack


def holds_a_full_pack(folder):
    """Whether the folder holds a pack that visema prepare wrote: overwriting it would lose it."""
    try:
        return "unpacked_from" not in json.loads((folder / "pack.json").read_text())
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True  # damaged, but somebody's


def main(arguments):
    parser = argparse.ArgumentParser(
        prog="unpack.py", description="Makes a training pack of the compact pack that "
        "`visema pack` wrote. Parts that are not there are left out.")
    parser.add_argument("compact", type=pathlib.Path, help="folder with compact.json and parts")
    parser.add_argument("pack", type=pathlib.Path, help="folder of the pack, made when missing")
    parser.add_argument("--jobs", type=int, default=0, help="parts at a time, 0 takes all cores")
    options = parser.parse_args(arguments)
    if options.jobs < 0:
        parser.error(f"--jobs {options.jobs}: must be 0 or more")
    if options.compact.resolve() == options.pack.resolve():
        parser.error(f"{options.pack}: must be another folder than that of the parts")
    if holds_a_full_pack(options.pack):
        parser.error(f"{options.pack}: holds a pack that was not unpacked from parts; "
                     "must be a new folder or that of an earlier run")
    start = time.monotonic()
    try:
        pack = unpack(options.compact, options.pack, options.jobs)
    except Damaged as error:
        print(f"unpack.py: error: {error}", file=sys.stderr)
        return 3
    except BrokenProcessPool:
        print("unpack.py: error: a worker process died, perhaps for want of memory: try --jobs 1",
              file=sys.stderr)
        return 4
    except OSError as error:
        print(f"unpack.py: error: {error}", file=sys.stderr)
        return 4
    missing = pack["unpacked_from"]["missing_parts"]
    persons = {clip.get("person") for clip in pack["clips"]}
    print(f"{options.pack}: {len(pack['clips'])} clips of {len(persons)} persons, "
          f"{sum(clip.get('crops', 0) for clip in pack['clips'])} crops from "
          f"{pack['unpacked_from']['parts']} parts in {time.monotonic() - start:.0f} s")
    if missing:
        print(f"not here, so left out: {', '.join(missing)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
