"""How two articles are alike: as copies of one text, or as reports of one event by others."""

from collections.abc import Callable, Iterator
from math import sqrt

from msgspec import Struct

from processors.fingerprints import MAX_BODY, MAX_NUMBERS, MAX_OPENING, OPENING, Fingerprint, hashes

Weigh = Callable[[int], float]

APART = (
    72 * 60 * 60
)  # seconds: articles published further apart tell of two things, whatever words they share

# Of a copy. A share is the part of the shorter text's shingles that the longer has.
MIN_WORDS = 8  # a shorter text is a copy of nothing: too many say the same by chance
MIN_SHARED = 4  # hashes
ENOUGH = 24  # hashes compared, from which a share is sure enough
# Cut, or set under another byline: next to all of it is there, and no sentence of its own …
VERBATIM, VERBATIM_APART, MAX_HOLE = 0.8, 0.9, 12  # shares; words
# … printed by another source, with sentences of its own …
REPRINTED = 0.5
# … rewritten all over: 0.85^5 = 0.44 of the shingles outlive that 15 % of the words are changed.
REWRITTEN, REWRITTEN_RUN, SAME_LENGTH = 0.27, 0.36, 0.75
LONG, SCATTERED = 250, 0.2  # words; the longest run, as a part of the sample
SAME_HEADLINE = 0.5  # cosine
SAME_PART = 0.1

# Of a report: cosines of headline, opening words and names, each word by its rarity.
MIN_TOGETHER, MIN_HEADLINE, MIN_LEAD, MIN_NAMES = 0.8, 0.15, 0.15, 0.1
MIN_RELATED = 0.4
DOUBT = 0.3  # more is asked where source or time of one is not known

_ALL = 2**32 - 1


class Overlap(Struct, frozen=True):
    """How much of a sample stands in another: hashes compared, shared, and the longest run of others between them."""

    compared: int
    shared: int
    run: int

    @property
    def share(self) -> float:
        """Give the part that is shared, 0 to 1."""
        return self.shared / self.compared if self.compared else 0.0


def overlap(sample: bytes, other: bytes, limit: int) -> Overlap:
    """Compare two samples that hold at most the `limit` smallest hashes of their texts.

    Only hashes below both bounds are compared: of those, both samples hold all (bottom-k sketches, Cohen and
    Kaplan, 2007), so that the sample of a text and of a cut of it are alike.
    """
    mine, theirs = hashes(sample), hashes(other)
    if not mine or not theirs:
        return Overlap(0, 0, 0)
    bound = min(max(each) if len(each) >= limit else _ALL for each in (mine, theirs))
    there = set(theirs)
    compared = shared = run = longest = 0
    for each in mine:
        if each > bound:
            continue
        compared += 1
        if each in there:
            shared += 1
            run = 0
        else:
            run += 1
            longest = max(longest, run)
    return Overlap(compared, shared, longest)


def copied(one: Fingerprint, other: Fingerprint, *, furniture: float = 0.0) -> float:
    """Give how much of the shorter of two texts the longer has, 0 to 1, where they are copies; 0 where not.

    Symmetric. `furniture` is the part of what they share that many stories have.
    """
    if one.language != other.language or min(one.words, other.words) < MIN_WORDS:
        return 0.0
    short, long = sorted((one, other), key=lambda each: (each.words, each.body))
    inside = _inside(short, long, furniture)
    share = inside.share
    if _is_verbatim(short, long, inside) or _is_reprint(short, long, inside):
        return share
    return share if _is_rewritten(short, long, inside, furniture) else 0.0


def same_text(one: Fingerprint, other: Fingerprint) -> bool:
    """Tell whether two articles that a third is a copy of are parts of one text: a digest holds parts of many.

    They share a part of it, or have one headline.
    """
    if _alike(one.headline, other.headline) >= SAME_HEADLINE:
        return True
    short, long = sorted((one, other), key=lambda each: (each.words, each.body))
    body = overlap(short.body, long.body, MAX_BODY)
    return max(body.share, overlap(short.opening, long.opening, MAX_OPENING).share) >= SAME_PART


def _inside(short: Fingerprint, long: Fingerprint, furniture: float) -> Overlap:
    found = overlap(short.body, long.body, MAX_BODY)
    if found.compared < ENOUGH and short.words <= 1.5 * OPENING:
        # A cut of a long text has few of its sampled hashes; of its opening it has many.
        opening = overlap(short.opening, long.opening, MAX_OPENING)
        found = max(found, opening, key=lambda each: each.shared)
    if found.shared < min(MIN_SHARED, short.words - 4):
        return Overlap(0, 0, 0)
    return _without(found, furniture)


def _without(found: Overlap, furniture: float) -> Overlap:
    of_many = round(found.shared * furniture)
    return Overlap(found.compared - of_many, found.shared - of_many, found.run)


def _is_verbatim(short: Fingerprint, long: Fingerprint, inside: Overlap) -> bool:
    room = MAX_HOLE * (2 if _alike(short.headline, long.headline) >= SAME_HEADLINE else 1)
    hole = max(4.0 if short.words >= LONG else 2.0, room * inside.compared / short.words)
    if inside.share < VERBATIM or inside.run > hole:
        return False
    numbers = overlap(short.numbers, long.numbers, MAX_NUMBERS)
    missing = numbers.compared - numbers.shared
    if _apart(short, long):
        return missing == 0 and inside.share >= VERBATIM_APART
    return missing <= max(1, 0.1 * numbers.compared)


def _is_reprint(short: Fingerprint, long: Fingerprint, inside: Overlap) -> bool:
    if not _by_others(short, long) or _apart(short, long) or inside.share < REPRINTED:
        return False
    return _few_missing(overlap(short.numbers, long.numbers, MAX_NUMBERS), spread=0)


def _is_rewritten(short: Fingerprint, long: Fingerprint, inside: Overlap, furniture: float) -> bool:
    """Tell whether words were changed all over: what is shared lies scattered in both texts, and numbers hold.

    A running format shares its frame and differs in the numbers; of its own source, more is asked.
    """
    if inside.share < REWRITTEN or short.words < SAME_LENGTH * long.words or _apart(short, long):
        return False
    back = _without(overlap(long.body, short.body, MAX_BODY), furniture)
    if back.share < REWRITTEN or any(each.run > REWRITTEN_RUN * each.compared for each in (inside, back)):
        return False
    numbers = [
        overlap(one, other, MAX_NUMBERS)
        for one, other in ((short.numbers, long.numbers), (long.numbers, short.numbers))
    ]
    spread, least = _leeway(
        short, long, all(each.run <= SCATTERED * each.compared for each in (inside, back))
    )
    return all(_few_missing(each, spread=spread) and each.compared >= least for each in numbers)


def _leeway(short: Fingerprint, long: Fingerprint, scattered: bool) -> tuple[float, int]:
    """Give how many numbers may be missing, in deviations from a fifth, and how many have to be there."""
    if _by_others(short, long) or (scattered and short.words >= LONG):
        # Another source fills no format of this one, and no format is long and differs all over.
        return 3.0, 0
    if _alike(short.headline, long.headline) >= SAME_HEADLINE:
        return 1.2, 0
    return (0.5, 1) if scattered else (0.0, 3)


def _few_missing(numbers: Overlap, *, spread: float) -> bool:
    """Tell whether as few numbers are missing as where a fifth was changed, give or take `spread` deviations."""
    expected = 0.2 * numbers.compared
    return numbers.compared - numbers.shared <= expected + spread * sqrt(0.8 * expected)


def _apart(one: Fingerprint, other: Fingerprint) -> bool:
    if one.published is None or other.published is None:
        return False
    return abs(one.published - other.published) > APART


def _by_others(one: Fingerprint, other: Fingerprint) -> bool:
    return bool(one.source and other.source) and one.source != other.source


def _alike(one: bytes, other: bytes, weigh: Weigh = lambda _: 1.0) -> float:
    """Give the cosine of two sets of words, 0 to 1, each word by its weight squared."""
    mine, theirs = set(hashes(one)), set(hashes(other))
    both = sum(weigh(word) ** 2 for word in mine & theirs)
    if not both:
        return 0.0
    return both / sqrt(sum(weigh(word) ** 2 for word in mine) * sum(weigh(word) ** 2 for word in theirs))


def reported(one: Fingerprint, other: Fingerprint, weigh: Weigh = lambda _: 1.0) -> float:
    """Give how alike two articles of different sources are where they report one event; 0 where not.

    The sum of the cosines of headline, opening words and names; `weigh` gives a word's rarity. Symmetric.
    """
    if one.source == other.source != 0:
        return 0.0  # a source's next article on a thing is another article, or a copy
    together = 0.0
    for least, cosine in zip((MIN_HEADLINE, MIN_NAMES, MIN_LEAD), _cosines(one, other, weigh), strict=False):
        if cosine < least:
            return 0.0
        together += cosine
    doubts = (not one.source or not other.source) + (None in (one.published, other.published))
    return together if together >= MIN_TOGETHER + DOUBT * doubts else 0.0


def related(one: Fingerprint, other: Fingerprint, weigh: Weigh = lambda _: 1.0) -> bool:
    """Tell whether two articles are alike enough for a third, of which one is a report, to unite them."""
    return sum(_cosines(one, other, weigh)) >= MIN_RELATED


def _cosines(one: Fingerprint, other: Fingerprint, weigh: Weigh) -> Iterator[float]:
    if one.language == other.language and not _apart(one, other):
        yield _alike(one.headline, other.headline, weigh)
        yield _alike(one.names, other.names, weigh)
        yield _alike(one.lead, other.lead, weigh)
