"""Reads our MCAP files with PyPI's mcap, CRC checks on, or writes files with it for us to read.

usage: mcap_peer.py VENV read FILE...     a JSON line for each file
       mcap_peer.py VENV write FOLDER     files of every compression and shape, and expected.json
VENV is made when missing. Exit 77 when the package cannot be had (no network).
"""

import fcntl
import hashlib
import json
import pathlib
import struct
import subprocess
import sys

PACKAGE = "mcap>=1.1,<2"
venv = pathlib.Path(sys.argv[1])
try:
    from mcap.exceptions import EndOfFile
    from mcap.reader import make_reader
    from mcap.records import Channel, Message, Metadata, Schema
    from mcap.stream_reader import StreamReader
    from mcap.writer import CompressionType, IndexType, Writer
except ImportError:
    if pathlib.Path(sys.prefix) == venv:
        sys.exit(77)
    python = venv / "bin" / "python"
    venv.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{venv}.lock", "w") as lock:
        # Several tests may come here at the same time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = python.exists() or subprocess.run([sys.executable, "-m", "venv", venv]).returncode == 0
        have = made and subprocess.run([python, "-c", "import mcap"], stderr=subprocess.DEVNULL).returncode == 0
        if made and not have:
            have = subprocess.run([python, "-m", "pip", "-q", "install", PACKAGE]).returncode == 0
    if not have:
        sys.exit(77)
    sys.exit(subprocess.run([python, __file__, *sys.argv[1:]]).returncode)


class Digest:
    """Over every message in file order: topic, sequence, times, data; each with its length."""

    def __init__(self):
        self.hash = hashlib.sha256()
        self.count = 0

    def add(self, topic, message):
        topic = topic.encode()
        self.hash.update(struct.pack("<I", len(topic)) + topic)
        self.hash.update(struct.pack("<IQQ", message.sequence, message.log_time, message.publish_time))
        self.hash.update(struct.pack("<Q", len(message.data)) + message.data)
        self.count += 1


def read(path):
    result = {"file": pathlib.Path(path).name, "closed": True, "metadata": {}}
    digest, topics, schemas = Digest(), {}, {}
    with open(path, "rb") as file:
        try:
            for record in StreamReader(file, validate_crcs=True).records:
                if isinstance(record, Schema):
                    schemas[record.id] = record
                if isinstance(record, Channel):
                    topics[record.id] = record
                if isinstance(record, Message):
                    digest.add(topics[record.channel_id].topic, record)
                if isinstance(record, Metadata):
                    result["metadata"][record.name] = record.metadata
        except EndOfFile:
            result["closed"] = False
    result["messages"], result["sha256"] = digest.count, digest.hash.hexdigest()
    result["channels"] = [
        [c.topic, c.message_encoding, schemas[c.schema_id].encoding if c.schema_id else "", c.metadata]
        for c in topics.values()
    ]
    if result["closed"]:
        with open(path, "rb") as file:
            reader = make_reader(file, validate_crcs=True)
            summary = reader.get_summary()
            result["statistics"] = summary.statistics.message_count
            result["chunks"] = len(summary.chunk_indexes)
            result["indexed"] = sum(1 for _ in reader.iter_messages())
    return result


def write(folder):
    expected = []
    for compression in (CompressionType.NONE, CompressionType.LZ4, CompressionType.ZSTD):
        for chunking in (True, False):
            if not chunking and compression != CompressionType.NONE:
                continue
            name = f"python-{compression.name.lower()}-{'chunks' if chunking else 'plain'}.mcap"
            digest = Digest()
            with open(folder / name, "wb") as file:
                writer = Writer(
                    file,
                    chunk_size=2000,
                    compression=compression,
                    index_types=IndexType.ALL,
                    use_chunking=chunking,
                    enable_crcs=True,
                    enable_data_crcs=True,
                )
                writer.start(profile="peer", library="python")
                schema = writer.register_schema(name="note", encoding="jsonschema", data=b'{"type":"object"}')
                channels = {}
                for topic in ("a", "b", "c"):
                    channels[topic] = writer.register_channel(
                        topic=topic, message_encoding="json", schema_id=schema, metadata={"of": topic}
                    )
                for i in range(500):
                    topic = "abc"[i % 3]
                    data = json.dumps({"number": i, "text": "x" * (i % 50)}).encode()
                    message = Message(
                        channel_id=channels[topic], log_time=1000 + i, publish_time=i, sequence=i, data=data
                    )
                    writer.add_message(
                        channel_id=message.channel_id,
                        log_time=message.log_time,
                        publish_time=message.publish_time,
                        sequence=message.sequence,
                        data=data,
                    )
                    digest.add(topic, message)
                writer.add_attachment(
                    create_time=5, log_time=6, name="key.txt", media_type="text/plain", data=b"EXERCISE"
                )
                writer.add_metadata("about", {"who": "EXERCISE"})
                writer.finish()
            expected.append({"file": name, "messages": digest.count, "sha256": digest.hash.hexdigest()})
    (folder / "expected.json").write_text(json.dumps(expected))


if sys.argv[2] == "read":
    for path in sys.argv[3:]:
        print(json.dumps(read(path)))
else:
    write(pathlib.Path(sys.argv[3]))
