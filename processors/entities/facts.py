"""Facts of a language that naming leans on: titles, and the words organisations and places end in.

Small tables of grammar and usage. Names of countries, cities or people are no business of theirs:
those come with the gazetteer.
"""

from dataclasses import dataclass, field


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a language says about names. Single words, lower case, full stops kept off."""

    articles: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()  # stand before a person's name and are no part of it
    particles: frozenset[str] = frozenset()  # small words inside a person's name
    plural_articles: frozenset[str] = frozenset()  # before a word for nationals
    office: frozenset[str] = frozenset()  # small words inside an office: Secretary *of* State
    departments: frozenset[str] = frozenset()  # alone after "Secretary of" they name an office
    org_heads: frozenset[str] = frozenset()  # an organisation's last word, or first before "of"
    place_heads: frozenset[str] = frozenset()  # a place's last word
    place_openers: frozenset[str] = frozenset()  # a place's first word: Lake, Mount
    never: frozenset[str] = frozenset()  # capitalised words that name nobody and nothing
    compass: frozenset[str] = frozenset()  # directions, which are no places
    worlds: frozenset[str] = frozenset()  # of these, the ones that name a part of the world
    prefixes: frozenset[str] = frozenset()  # pro-X, ex-X: X is the name
    capitalised: bool = False  # a name's last word has a capital, unless it is a head
    generic: frozenset[str] = frozenset()  # organisation words that alone name none
    located: frozenset[str] = frozenset()  # small words before a place
    settlements: frozenset[str] = frozenset()  # X is a village: X is a place
    group_endings: tuple[str, ...] = ()  # of words for nationals, where a model leaves them unnamed
    short: dict[str, str] = field(default_factory=dict)  # abbreviation of a country -> ISO code

    def is_head(self, word: str) -> bool:
        """Tell whether a word, in lower case, is what an organisation or a place may end in."""
        return word in self.org_heads or word in self.place_heads


ENGLISH = Facts(
    articles=_words("the a an"),
    titles=_words(
        "mr mrs ms miss dr sir dame madam president vice-president vice prime premier minister deputy "
        "secretary senator sen representative rep congressman congresswoman governor gov mayor chancellor "
        "general gen lieutenant lt colonel col major maj captain capt sergeant sgt admiral adm "
        "commander cmdr brigadier marshal corporal private chief chairman chairwoman ambassador judge "
        "justice attorney professor prof rev reverend spokesman spokeswoman spokesperson officer "
        "detective inspector sheriff director ex-president coach speaker foreign defence defense "
        "then-president acting former"
    ),
    particles=_words("von van der den de del della di da dos bin ibn al el la le du zu"),
    office=_words("of for the and to"),
    departments=_words("state defense defence treasury energy commerce labor interior"),
    org_heads=_words(
        "council parliament ministry university college institute party bank group association "
        "committee commission agency organization organisation corporation corp inc ltd llc plc company "
        "co foundation society federation league union club court senate congress assembly department "
        "bureau academy school army navy force forces police times post news press records "
        "museum hospital airlines airways church orchestra band team studios television network "
        "laboratory laboratories board authority administration service services brigade regiment "
        "division battalion squadron fc industries systems technologies holdings partners center centre "
        "railway railroad diocese fleet hotel magazine house"
    ),
    place_heads=_words(
        "river lake mountains mountain island islands sea ocean province county city street valley "
        "bay strait peninsula desert coast district avenue road bridge airport park square village "
        "township canal gulf oblast region station stadium field junction tower creek brook hills hill "
        "beach harbour harbor forest highway trail"
    ),
    place_openers=_words("lake mount fort"),
    never=_words(
        "i he she it we you they monday tuesday wednesday thursday friday saturday sunday january february "
        "march april may june july august september october november december god lord internet web "
        "christmas easter president minister mr mrs ms photo video update live breaking exclusive "
        "covid-19 covid tv ceo dna gmt est utc ok q&a faq"
    ),
    compass=_words("east west north south eastern western northern southern central"),
    worlds=_words("west"),
    prefixes=_words("pro anti ex non post pre mid"),
    capitalised=True,
    generic=_words(
        "inc llc ltd corp co plc company association group committee division department agency board "
        "service services office college university foundation organization organisation team studio "
        "club league union partners holdings school academy museum hospital press news society"
    ),
    located=_words("in near outside"),
    settlements=_words(
        "village town city municipality suburb hamlet parish river island district county region "
        "neighborhood neighbourhood commune province port settlement township"
    ),
    short={
        "US": "US", "U.S.": "US", "USA": "US", "U.S.A.": "US", "America": "US", "UK": "GB", "U.K.": "GB",
        "Britain": "GB", "UAE": "AE", "U.A.E.": "AE", "DRC": "CD", "PRC": "CN", "DPRK": "KP", "ROK": "KR",
    },
)  # fmt: skip

FRENCH = Facts(
    articles=_words("le la les l' l’ un une des du d' d’"),
    titles=_words(
        "m mm mme mlle dr me président présidente premier première ministre vice-président sénateur "
        "sénatrice député députée maire chancelier chancelière général colonel commandant capitaine "
        "amiral lieutenant ambassadeur ambassadrice juge professeur pr porte-parole secrétaire "
        "directeur directrice chef roi reine prince princesse pape"
    ),
    particles=_words("von van der den de del della di da dos bin ibn al el la le du zu"),
    plural_articles=_words("les des aux"),
    office=_words("de du des d' la le et"),
    org_heads=_words(
        "conseil parlement ministère université institut parti banque groupe association comité "
        "commission agence organisation société fondation fédération ligue union club cour sénat "
        "congrès assemblée département académie école armée police musée hôpital"
    ),
    place_openers=_words("lac mont rivière île mer golfe rue avenue place"),
    never=_words(
        "je il elle nous vous ils elles on lundi mardi mercredi jeudi vendredi samedi dimanche janvier "
        "février mars avril mai juin juillet août septembre octobre novembre décembre dieu internet "
        "noël pâques"
    ),
    compass=_words("est ouest nord sud"),
    worlds=_words("ouest"),
    prefixes=_words("pro anti ex non post pré"),
    generic=_words("société groupe association comité agence université école club ligue"),
    located=_words("à"),
    settlements=_words("village ville commune municipalité île région fleuve rivière quartier"),
    group_endings=("iens", "iennes", "éens", "éennes", "ains", "aines", "ais", "aises", "ois", "oises"),
    short={"USA": "US", "É.-U.": "US", "Etats-Unis": "US", "RDC": "CD", "RPC": "CN"},
)

BY_LANGUAGE = {"en": ENGLISH, "fr": FRENCH}


def of(language: str) -> Facts:
    """Give the facts of a language by ISO 639-1 code; none are known of most."""
    return BY_LANGUAGE.get(language, Facts())
