"""The picture of a complex in a browser: its scripts, frames of arrays for it, and live figures.

README.md beside this file describes the frame, the protocol, and how to put a live figure into a
page; `relutope.plotting.viewer.live_figure` writes one.
"""

from __future__ import annotations

from .bundle import engine_bytes, has_engine, live_scripts, style
from .figure import Record, live_figure, live_page, network_json, recording_json
from .frame import complex_frame, decode_frame, encode_frame

__all__ = [
    "Record",
    "complex_frame",
    "decode_frame",
    "encode_frame",
    "engine_bytes",
    "has_engine",
    "live_figure",
    "live_page",
    "live_scripts",
    "network_json",
    "recording_json",
    "style",
]
