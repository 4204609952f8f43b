"""Benchmarks of this machine's answers: ``python -m eval.bench``. Ratios are of pairs measured side by side."""
