"""Files to upload."""

import io
from typing import Any


def a_file(content: str | bytes, name: str = "file.csv") -> dict[str, Any]:
    """The fields of a form that uploads a file."""
    data = content.encode() if isinstance(content, str) else content
    return {"file": (io.BytesIO(data), name)}


def a_body(content: bytes, token: str) -> dict[str, Any]:
    """The same as raw bytes, for files that are too large for the test client to keep in memory."""
    parts = (
        f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'.encode(),
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n',
        content,
        b"\r\n--x--\r\n",
    )
    return {"data": b"".join(parts), "content_type": "multipart/form-data; boundary=x"}
