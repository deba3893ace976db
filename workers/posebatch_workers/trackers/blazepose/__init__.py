"""MediaPipe's pose networks on ONNX Runtime, with crops of our own and no filter over time."""
