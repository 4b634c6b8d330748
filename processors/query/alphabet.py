"""A letter for each word that is sought: an article becomes a string of one letter a word, searched as such.

So a place in the string is the place of a word, phrases are short strings, and no offsets are kept.
"""

from collections.abc import Iterable, Mapping
from itertools import chain

from processors.query.words import BREAK, CUT, KEYS, MAX_WORD, joins

OTHER = " "  # the letter of all words that nobody seeks
# All code points but for controls, the two letters above and surrogates.
_LETTERS = (range(ord("!"), 0x7F), range(0xA0, 0xD800), range(0xE000, 0x110000))
_MOST_WORDS = sum(map(len, _LETTERS))
_MOST_STRETCHES = 200_000


class TooManyWords(ValueError):
    """A set of rules names more words than there are letters."""


class Alphabet(dict[str, str]):
    """The letters of each stretch without white space met so far, BREAK for what is no word.

    A lookup that hits never leaves C, and most of a text was met before.
    """

    def __init__(self, phrases: Iterable[str], keys: Mapping[str, str] = KEYS) -> None:
        """Give letters to the words of phrases, each as keys between single spaces; `keys` gives a word's.

        Raises TooManyWords where there are more of them than letters.
        """
        super().__init__()
        cut = [phrase.split() for phrase in phrases]
        words = dict.fromkeys(chain.from_iterable(cut))
        if len(words) > _MOST_WORDS:
            raise TooManyWords(
                f"the rules name {len(words):,} words, and at most {_MOST_WORDS:,} are told apart"
            )
        self.letters = dict(zip(words, map(chr, chain(*_LETTERS)), strict=False))
        self.longest = max(map(len, cut), default=0)  # phrase, in words
        self.joining: set[str] = set()  # stretches met in which two words may be one that is sought
        self._long: list[str] = []
        self._keys = keys
        self._spelled: dict[str, str] = {}  # of no more phrases than there are

    def __missing__(self, stretch: str) -> str:
        found = "".join(map(self._letter, CUT[stretch]))
        if self._keys is KEYS and joins(stretch, self.letters.keys()):
            self.joining.add(stretch)
        if len(stretch) <= MAX_WORD:
            self[stretch] = found
        else:
            self._long.append(stretch)  # kept for one text alone
        return found

    def _letter(self, token: str) -> str:
        key = self._keys[token]
        return BREAK if key == BREAK else self.letters.get(key, OTHER)

    def spell(self, paragraphs: Iterable[Iterable[str]]) -> list[str]:
        """Give the letters of an article's paragraphs, each as its stretches without white space."""
        self.joining.difference_update(self._long)
        self._long.clear()
        if len(self) > _MOST_STRETCHES:
            self.clear()
            self.joining.clear()
        return ["".join(map(self.__getitem__, stretches)) for stretches in paragraphs]

    def spelled(self, phrase: str) -> str:
        """Give the letters of a phrase that has one for each of its words."""
        found = self._spelled.get(phrase)
        if found is None:
            found = self._spelled[phrase] = "".join(map(self.letters.__getitem__, phrase.split()))
        return found
