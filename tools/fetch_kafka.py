"""Brings Apache Kafka for the tests where there is no Docker: its jars by Maven, once, into a cache folder.

Run by `make test`. A second run finds the folder complete and does nothing. Standard library only.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = "4.3.1"
JAVA = 17  # the oldest that this version of Kafka runs on
MANIFEST = "complete.txt"  # name and size of each jar; written last
HOW = "install Java 17 and Maven (Debian: openjdk-17-jre-headless and maven), then run `make test`"

# Kafka's server with all it needs at run time.
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>wirewatch</groupId>
  <artifactId>test-kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>{VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""


def cache() -> Path:
    """Give the folder for what is fetched: WIREWATCH_CACHE, or .cache in the checkout."""
    return Path(os.environ.get("WIREWATCH_CACHE") or Path(__file__).resolve().parent.parent / ".cache")


def jars() -> Path:
    """Give the folder where the jars are, or would be."""
    return cache() / "kafka" / VERSION / "libs"


def missing() -> str | None:
    """Say what keeps this machine from running Kafka and how to mend it, None where it can."""
    if shutil.which("java") is None:
        return f"there is no java; {HOW}"
    if not _complete(jars()):
        return f"Kafka's jars are not in {jars()}; {HOW}"
    return None


def fetch() -> str:
    """Bring the jars and say what was done.

    Raises:
        SystemExit: Maven or Java is missing, or Maven failed; the message says which.
    """
    target = jars()
    if _complete(target):
        return f"Apache Kafka {VERSION} is there already"
    if shutil.which("mvn") is None or shutil.which("java") is None:
        raise SystemExit(f"Apache Kafka {VERSION} can't be fetched: Maven or Java is missing; {HOW}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as work:
        found = _copied(Path(work))
        if target.exists():  # broken: it was not complete above
            shutil.rmtree(target)
        found.rename(target)
    return f"Apache Kafka {VERSION}: {len(list(target.glob('*.jar')))} jars in {target}"


def _copied(work: Path) -> Path:
    (work / "pom.xml").write_text(POM, encoding="utf-8")
    libs = work / "libs"
    command = ["mvn", "--batch-mode", "--quiet", "-f", str(work / "pom.xml"), "dependency:copy-dependencies"]
    command += [f"-DoutputDirectory={libs}", "-DincludeScope=runtime"]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0 or not list(libs.glob("kafka_2.13-*.jar")):
        raise SystemExit(f"Maven could not bring Apache Kafka {VERSION}:\n{done.stdout[-2000:]}")
    lines = [f"{jar.name} {jar.stat().st_size}\n" for jar in sorted(libs.glob("*.jar"))]
    (libs / MANIFEST).write_text("".join(lines), encoding="utf-8")
    return libs


def _complete(libs: Path) -> bool:
    try:
        lines = (libs / MANIFEST).read_text(encoding="utf-8").splitlines()
        listed = {name: int(size) for name, size in map(str.split, lines)}
        return all((libs / name).stat().st_size == size for name, size in listed.items())
    except (OSError, ValueError):
        return False


if __name__ == "__main__":
    sys.stdout.write(fetch() + "\n")
