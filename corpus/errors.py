"""Expected troubles of reading policies. Each message is one line: what is wrong and what to do."""


class CorpusError(Exception):
    """Something about a policy or its data that a person can put right."""


class UnreadableFile(CorpusError):
    """The file is not there, may not be read, or is of a kind that has no reader."""


class NoPolicyText(CorpusError):
    """The file was read but holds no text that could be a policy."""


class BadData(CorpusError):
    """A data file of the corpus (policy.toml, en.toml, departments.toml) is not as it has to be."""


class UnknownPolicy(CorpusError):
    """No policy has this id."""


class UnknownClause(CorpusError):
    """The policy has no clause with this label."""


class NotAdded(CorpusError):
    """A policy can't be added to the library or removed from it, and nothing was changed."""
