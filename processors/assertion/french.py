"""The cues of French news: the plain ones."""

import re

from processors.assertion.cues import NEAR, SENTENCE, Language, Row

FRENCH = Language(
    rows=(
        Row("negated", "ne, n'*, aucun, aucune, sans, ni, jamais", reach=NEAR),
        Row(
            "negated",
            """dément, démenti, démentent, démentait, nie, nié, nient, réfute, réfuté, exclut, exclu,
            exclure, refuse de, refusé de, renonce à, renoncé à, annule, annulé, annulée, échoué à,
            absence de, pas de, au lieu de""",
            reach=10,
        ),
        Row(
            "negated",
            "n'a pas eu lieu, n'ont pas eu lieu, démenti, démentie, annulé, annulée, annulés, annulées",
            "after",
            6,
        ),
        Row(
            "plain",
            "sans doute, sans précédent, non seulement, pas seulement, n'est pas exclu, sans attendre",
        ),
        Row(
            "hypothetical",
            """pourrait, pourraient, devrait, devraient, serait, seraient, aurait, auraient, si, s'il,
            s'ils, envisage*, menace de, menacent de, menacé de, prévoit, prévoient, compte, comptent,
            souhaite*, veut, veulent, propose*, appelle à, appellent à, peut-être, risque de, éventuel,
            éventuelle, éventuels, possible, projet de, craint, craignent, craintes""",
        ),
        Row(
            "historical",
            """anniversaire de, anniversaire du, commémor*, mémoires, ancien combattant, en souvenir de,
            nécrologie""",
            reach=14,
        ),
        Row(
            "historical",
            """seconde guerre mondiale, deuxième guerre mondiale, première guerre mondiale,
            guerre d'algérie, guerre du vietnam, guerre froide, siècle dernier, *e siècle,
            il y a des décennies, napoléon*, à l'époque""",
            side="around",
            reach=14,
        ),
        Row("year", "15*, 16*, 17*, 18*, 19*, 20*", side="around", reach=14),
        Row("since", "depuis, après la fin de, comme, contrairement à"),
        Row(
            "now",
            """aujourd'hui, hier, demain, lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche,
            cette semaine, ce mois-ci, actuellement, ces derniers jours""",
        ),
        Row(
            "exercise",
            """exercice militaire, exercices militaires, exercices conjoints, exercice conjoint, manœuvres,
            manoeuvres, simulation*, répétition générale, entraînement, entraînements, exercices""",
            side="around",
            reach=20,
        ),
        Row(
            "fiction",
            """film, films, roman, romans, jeu vidéo, jeux vidéo, série télévisée, musée, exposition,
            cinéma, romancier, documentaire, reconstitution""",
            side="around",
            reach=12,
        ),
        Row(
            "reported",
            """affirme, affirment, affirmé, prétend, prétendent, accuse, accusent, accusé, allégation*,
            non confirmé*, présumé*, selon le ministère, selon l'armée, selon le gouvernement,
            selon moscou, selon kiev, selon pékin, selon washington, selon téhéran, selon la présidence,
            selon les autorités, selon les rebelles""",
            side="around",
            reach=SENTENCE,
        ),
        Row(
            "party",
            """ministère, ministre, président, porte-parole, gouvernement, armée, l'armée, kremlin, moscou,
            kiev, pékin, washington, téhéran, pyongyang, autorités, rebelles, médias d'état,
            télévision d'état, agence officielle, otan, l'otan, élysée, l'élysée, syndicat, syndicats""",
        ),
        Row(
            "speech",
            """dit, déclaré, déclare, annoncé, annonce, assure, assuré, indiqué, indique, confirmé,
            d'après, a fait savoir""",
        ),
        Row(
            "other_sense",
            """gardien de but, milieu de terrain, ligue 1, ligue des champions, championnat, mi-temps,
            penalty, tirs au but, entraîneur, match, buteur, arbitre, coupe de france, logiciel*,
            actionnaires, scouts""",
            side="around",
            reach=10,
        ),
        Row("other_sense", "de fans, de supporters, de fourmis, de touristes", side="after", reach=0),
        Row(
            "stop",
            """mais, cependant, toutefois, alors que, tandis que, parce que, car, après, avant, malgré,
            qui, lorsque, quand""",
        ),
        Row("soft", "et, sur, pour, que"),
    ),
    before_year=re.compile(
        r"(?:(?P<unsure>^|[(\[]|(?:^|\W)(?:de|et|à)\s)|(?:^|\W)(?:en|l'année|années|été|hiver|automne|printemps|janvier|février|mars|avril|mai|juin"
        r"|juillet|août|septembre|octobre|novembre|décembre)\s|\d\d\d\d\s?[-–])$"
    ),
    counted=re.compile(
        r"\s?(?:%|soldats|hommes|personnes|militaires|policiers|manifestants|chars|euros|kilom|km|mètres)"
    ),
)
