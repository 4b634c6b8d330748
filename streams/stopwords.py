"""The commonest words of English, as spaCy keeps them."""


def common_words() -> frozenset[str]:
    """Give words, in lower case, of which each is in most articles or would be in any longer one."""
    from spacy.lang.en.stop_words import STOP_WORDS  # noqa: PLC0415 - importing spaCy takes a second

    return frozenset(STOP_WORDS)
