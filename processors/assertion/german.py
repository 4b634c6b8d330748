"""The cues of German news: the plain ones. What is negated often stands before its `nicht`."""

import re

from processors.assertion.cues import NEAR, SENTENCE, Language, Row

GERMAN = Language(
    rows=(
        Row(
            "negated",
            "kein, keine, keinen, keinem, keiner, keinerlei, ohne, nie, niemals, weder, statt",
            reach=NEAR,
        ),
        Row("negated", "nicht", side="around", reach=4),
        Row(
            "negated",
            """dementier*, bestreitet, bestritt, bestritten, bestreiten, leugnet*, lehnt, lehnte,
            verzichtet, verzichtete, weigert sich, weigerte sich, schließt, schloss""",
            reach=10,
        ),
        Row(
            "negated",
            """dementiert, bestritten, abgesagt, ausgeschlossen, gestrichen, nicht stattgefunden,
            fand nicht statt, ab, aus""",
            side="after",
            reach=0,
        ),
        Row(
            "negated",
            "dementiert, bestritten, abgesagt, ausgeschlossen, nicht stattgefunden",
            side="after",
            reach=6,
        ),
        Row(
            "plain",
            """nicht nur, nicht zuletzt, ohne vorwarnung, nicht ausgeschlossen, ohne zweifel, nicht allein,
            keine geringere*""",
        ),
        Row(
            "hypothetical",
            """könnte, könnten, würde, würden, wäre, wären, falls, wenn, sollte, sollten, droht, drohen,
            drohte, erwägt, erwägen, plant, planen, geplant*, möglich*, möglicherweise, vielleicht,
            womöglich, will, wollen, fordert, fordern, forderte, befürchtet, befürchten, warnt vor,
            warnte vor, eventuell""",
            side="around",
        ),
        Row(
            "historical",
            "jahrestag, jubiläum, gedenken, gedachte, gedachten, memoiren, nachruf, veteran",
            reach=14,
        ),
        Row(
            "historical",
            """zweiten weltkrieg*, zweiter weltkrieg, ersten weltkrieg*, kalten krieg, kalten krieges,
            vietnamkrieg*, vor jahrzehnten, jahrhundert*, ns-zeit, wehrmacht, napoleon*, damals""",
            side="around",
            reach=14,
        ),
        Row("year", "15*, 16*, 17*, 18*, 19*, 20*", side="around", reach=14),
        Row("since", "seit, als, wie, anders als"),
        Row(
            "now",
            """heute, gestern, morgen, montag, dienstag, mittwoch, donnerstag, freitag, samstag, sonntag,
            jetzt, derzeit, aktuell, diese woche, dieser woche""",
        ),
        Row(
            "exercise",
            """übung, übungen, manöver, militärübung*, großübung*, planspiel*, simulation*, generalprobe,
            kriegsspiel*, truppenübung*""",
            side="around",
            reach=20,
        ),
        Row(
            "fiction",
            """film, films, filme, spielfilm*, roman, romans, romane, videospiel*, computerspiel*,
            fernsehserie*, museum, ausstellung, dokumentarfilm*, romanautor*""",
            side="around",
            reach=12,
        ),
        Row(
            "reported",
            """angeblich*, mutmaßlich*, behauptet, behaupten, behauptete, wirft vor, unbestätigt*, vorwurf,
            vorwürfe, nach angaben des verteidigungsministeriums, nach angaben der regierung,
            nach angaben der armee, laut verteidigungsministerium, staatsmedien""",
            side="around",
            reach=SENTENCE,
        ),
        Row(
            "party",
            """ministerium, außenministerium, verteidigungsministerium, minister, außenminister,
            verteidigungsminister, präsident, sprecher, sprecherin, regierung, armee, militär, kreml,
            moskau, kiew, peking, washington, teheran, behörden, rebellen, nato, staatsfernsehen,
            gewerkschaft*""",
        ),
        Row(
            "speech",
            """sagte, sagt, erklärte, erklärt, teilte, meldete, meldeten, laut, nach angaben, zufolge,
            bestätigte, kündigte""",
        ),
        Row(
            "other_sense",
            """torwart, mittelfeld*, bundesliga, champions league, halbzeit, elfmeter*, trainer, stürmer,
            abstieg, tabelle, schiedsrichter*, dfb-pokal, software, aktionäre, pfadfinder*""",
            side="around",
            reach=10,
        ),
        Row("other_sense", "von fans, von touristen, von ameisen", side="after", reach=0),
        Row("stop", """aber, jedoch, doch, obwohl, während, weil, nachdem, bevor, trotz, sondern"""),
        Row("soft", "und, über"),
    ),
    before_year=re.compile(
        r"(?:(?P<unsure>^|[(\[]|(?:^|\W)(?:von|um|und)\s)|(?:^|\W)(?:in|im|jahr|jahre|jahres|sommer|winter|herbst|frühjahr|frühling|januar|februar"
        r"|märz|april|mai|juni|juli|august|september|oktober|november|dezember)\s|\d\d\d\d\s?[-–])$"
    ),
    counted=re.compile(
        r"\s?(?:%|prozent|soldaten|mann|menschen|polizisten|demonstranten|panzer|euro|kilometer|meter)"
    ),
)
