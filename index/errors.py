"""Expected troubles of the index. Each message is one line: what is wrong and what to do.

PolicyIndexError
├── IndexMismatch         what is stored was built from something else than what is asked for
├── IndexUnavailable      it can't be read or written: folder, lock, server
└── EmbedderUnavailable   the embedder named in the settings can't be had
"""


# The names say what happened, as those of corpus.errors do.


class PolicyIndexError(Exception):
    """Something about the index that a person can put right."""


class IndexMismatch(PolicyIndexError):
    """The stored index does not fit what it is opened with, and may not be rebuilt."""


class IndexUnavailable(PolicyIndexError):
    """The index can't be read, or can't be written where it has to be."""


class EmbedderUnavailable(PolicyIndexError):
    """No such embedder, its package is not installed, or its model can't be loaded."""
