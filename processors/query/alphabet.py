"""A letter for each word that is sought: an article becomes a string of one letter a word, searched as such.

So a place in the string is the place of a word, phrases are short strings, and no offsets are kept.
"""

from collections.abc import Iterable, Mapping
from itertools import chain

from processors.query.words import BREAK, KEYS, MAX_WORD

OTHER = " "  # the letter of all words that nobody seeks
# All code points but for controls, the two letters above and surrogates.
_LETTERS = (range(ord("!"), 0x7F), range(0xA0, 0xD800), range(0xE000, 0x110000))
_MOST_WORDS = sum(map(len, _LETTERS))
_MOST_TOKENS = 200_000


class Alphabet(dict[str, str]):
    """The letter of each token met so far; BREAK for what is no word. A lookup that hits never leaves C."""

    def __init__(self, phrases: Iterable[str], keys: Mapping[str, str] = KEYS) -> None:
        """Give letters to the words of phrases, each as keys between single spaces; `keys` gives a token's.

        Raises ValueError where there are more words than letters.
        """
        super().__init__()
        self.keys_of = keys
        cut = [phrase.split() for phrase in phrases]
        words = dict.fromkeys(chain.from_iterable(cut))
        if len(words) > _MOST_WORDS:
            raise ValueError(
                f"the rules name {len(words):,} words, and at most {_MOST_WORDS:,} are told apart"
            )
        self.letters = dict(zip(words, map(chr, chain(*_LETTERS)), strict=False))
        self._spelled: dict[str, str] = {}  # of no more phrases than there are
        self.longest = max(map(len, cut), default=0)  # phrase, in words

    def __missing__(self, token: str) -> str:
        key = self.keys_of[token]
        letter = BREAK if key == BREAK else self.letters.get(key, OTHER)
        if len(token) <= MAX_WORD:
            if len(self) >= _MOST_TOKENS:
                self.clear()
            self[token] = letter
        return letter

    def spelled(self, phrase: str) -> str:
        """Give the letters of a phrase that has one for each of its words."""
        found = self._spelled.get(phrase)
        if found is None:
            found = self._spelled[phrase] = "".join(map(self.letters.__getitem__, phrase.split()))
        return found
