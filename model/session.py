"""Opens ONNX graphs as a service wants them run: few threads, no waiting in circles."""

from pathlib import Path
from typing import Any


def open_session(path: Path | bytes, *, threads: int = 1) -> Any:
    """An onnxruntime session of a file, or of a file's content. Raises what onnxruntime raises."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # A thread that spins while it waits steals the core from the web server beside it.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    graph = path if isinstance(path, bytes) else str(path)
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
