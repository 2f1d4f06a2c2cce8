"""Reads and writes the project's .safetensors files and avatars (docs/formats.md)."""

import hashlib
import json
import struct


def read(path):
    """Metadata and {name: (dtype, shape, bytes)}."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    about = header.pop("__metadata__")
    return about, {
        name: (tensor["dtype"], tensor["shape"], data[slice(*tensor["data_offsets"])])
        for name, tensor in header.items()
    }


def write(path, about, tensors):
    """With a new checksum where the metadata has one."""
    if "sha256" in about:
        hashes = (name + hashlib.sha256(tensors[name][2]).hexdigest() for name in sorted(tensors))
        about = {**about, "sha256": hashlib.sha256("".join(hashes).encode()).hexdigest()}
    header = {"__metadata__": about}
    at = 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, _, data in tensors.values():
            file.write(data)
