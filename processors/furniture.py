"""Lines around an article that say nothing of the news, told by the line alone in several languages."""

import re

_LONGEST = 240  # code points: what is longer says something

# A line that is one of these and nothing else.
_WHOLE = r"""
advertisement|advertisements|advertising|publicidad|publicité|pubblicità|publicidade|anzeige|werbung
|advertentie|реклама|reklama
|(?:scroll|story|article) continue[sd]? (?:below|after (?:the )?(?:ad|advertisement))(?: the (?:ad
|advertisement))?
|continue reading the main story|skip (?:to (?:main )?content|advertisement)|back to top|close
|loading\W*
|share|tweet|e-?mail|print|post|copy link|save|bookmark|comments?|leave a comment|post a comment
|view comments|no comments(?: yet)?
|\d[\d.,]* (?:comments?|shares?|views?|kommentare?|commentaires?|comentarios?|commenti|comentários
|reacties|комментари\w+)
|(?:kommentare?|commentaires?|comentarios?|commenti|comentários|reacties|комментарии)(?: \(?\d+\)?)?
|share (?:this )?(?:article|story|post|page|on \w+|via \w+)(?: (?:share|tweet|post|e-?mail|print|on
|via|facebook|twitter|x|whatsapp|linkedin|reddit|telegram|copy link|and|or))*
|(?:(?:share|tweet|post|e-?mail|print|pin|save|facebook|twitter|x|whatsapp|linkedin|reddit|telegram
|instagram|youtube|pinterest|flipboard|copy link|link copied)[\s,|/·•]+)+(?:share|tweet|post|e-?mail
|print|pin|save|facebook|twitter|x|whatsapp|linkedin|reddit|telegram|instagram|youtube|pinterest
|flipboard|copy link|link copied)
|(?:artikel )?teilen|partager(?: (?:l['’]article|sur \w+))?|compartir(?: (?:en \w+|este artículo))?
|condividi(?: (?:su \w+|l['’]articolo))?|compartilhar?|delen|deel dit artikel|поделиться
|(?:related|similar|recommended|more)(?: (?:articles?|stories|coverage|content|topics|news|reading|links
|posts|tags))
|most (?:read|popular|viewed|shared)|trending(?: now)?|you (?:may|might) also (?:like|be interested in)
|more on this(?: story)?|in this article|see also
|(?:mehr zum thema|verwandte (?:artikel|themen)|lesen sie auch|das könnte sie auch interessieren
|meistgelesen)
|(?:à lire aussi|lire aussi|sur le même sujet|articles? (?:liés|similaires)|les plus lus)
|(?:lea también|le puede interesar|noticias relacionadas|artículos relacionados|lo más leído)
|(?:leggi anche|articoli correlati|leia também|leia mais|notícias relacionadas|lees ook|lees meer
|gerelateerde artikelen|читайте также|читать далее)
|read more|read the full (?:story|article)|click here(?: to (?:read|see|watch|learn|get) [^.]{0,60})?
|weiterlesen|mehr lesen|lire la suite|leer más|seguir leyendo|leggi (?:tutto|di più)
|(?:enlarge|hide|show)(?: this)? (?:image|caption|text)|toggle caption|this video can ?not be played
|(?:image|photo) \d+ of \d+|(?:slideshow|gallery) \(\d+ images?\)
|accept (?:all )?(?:cookies?)?|reject all(?: cookies)?|manage (?:cookies|consent|preferences
|newsletters)|cookie (?:settings|policy|notice|preferences)
|alle (?:cookies )?akzeptieren|tout accepter|accepter (?:et fermer|les cookies)
|aceptar (?:todas las )?cookies|accetta (?:tutti i )?cookie
|sign up|sign in|log ?in|subscribe(?: now)?|register(?: now)?|jetzt abonnieren|abonnieren|s['’]abonner
|suscríbete|suscribirse|abbonati|assine(?: já)?|abonneren|подписаться
|terms (?:of (?:use|service)|and conditions)|privacy policy|all rights reserved|impressum|datenschutz
|(?:home|news|world|politics|business|sport|sports|opinion|video|videos|photos?)(?:\s*[>›»/
|]\s*[\w &-]{2,40}){1,6}
"""

# A line that leads to another story: begins like one of these and does not end as a sentence does.
_LINKS = r"""
(?:read|see|watch|listen|learn|find out|discover) (?:more|also|next|now)(?: on this| here
| about this)?\s*[:>»–-]\s*\S
|related(?: (?:article|story|stories|coverage|video|reading))?\s*[:»]|also (?:read|see
|on [\w .]+)\s*[:»]|more (?:from|on) [\w .'’-]{2,40}\s*[:»]|\( ?(?:photos?|video|gallery)\s*:
|(?:lesen sie (?:auch|mehr)|mehr dazu|lire aussi|à lire(?: aussi)?|lea (?:también|además)|leer más
|leggi anche|leia (?:também|mais)|lees (?:ook|meer)|читайте также)\s*[:»–-]
"""

# A line that begins like one of these and is short.
_BEGINS = r"""
(?:please )?(?:sign up|subscribe|register) (?:now )?(?:to|for) (?:our|the|daily|free|weekly|this
|newsletters?|[\w’' ]{1,40} newsletters?)\b[^.]{0,80}(?:newsletters?|inbox|alerts?|updates|briefing
|channel|podcast)
|sign up for (?:the |our )?(?:daily |weekly |free )?[\w ]{0,30}newsletters?\b
|get [^.]{0,80}(?:delivered|sent) (?:straight |directly |right )?(?:to|in) your inbox
|get this delivered to your inbox
|by (?:signing up|subscribing|registering|clicking)\b[^.]{0,80}(?:you agree|terms|privacy)
|(?:abonnieren sie|melden sie sich|jetzt)\b[^.]{0,60}newsletter|(?:inscrivez|abonnez)-vous\b
|(?:suscríbete|suscríbase|apúntate|regístrate)\b|iscriviti\b[^.]{0,60}newsletter|(?:assine
|inscreva-se)\b[^.]{0,60}newsletter|schrijf je in\b|подпи(?:шитесь|сывайтесь)\b
|follow (?:us|me|[\w .’'-]{2,40}) on (?:twitter|facebook|instagram|telegram|youtube|linkedin|whatsapp
|tiktok|flipboard|social)\b|follow @\w|join us on |like us on |(?:folgen sie uns
|suivez-nous|síguenos|seguici|siga-nos|volg ons)\b
|(?:this (?:site|website)|we)(?: and our partners)? use[sd]? (?:[\w-]+ ){0,3}cookies
|(?:diese (?:web)?seite|wir) (?:verwende[nt]|nutz(?:t|en)) cookies|(?:ce site|nous) utilis(?:e
|ons) des cookies|(?:este sitio|utilizamos|usamos)[^.]{0,30}cookies|(?:questo sito
|utilizziamo)[^.]{0,30}cookie|(?:deze (?:web)?site|wij) gebruik(?:t|en) cookies
|(?:©|\(c\)|copyright\b)\s*(?:©|\(c\))?\s*(?:\d{4}|the |by )|all rights reserved\b
|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|tutti i diritti riservati
|todos os direitos reservados
|(?:tags?|topics|filed under|posted in|schlagwörter|mots[- ]clés|etiquetas|temas
|parole chiave)\s*:\s*\S
|(?:click|tap) here (?:to|for)\b|(?:download|get) (?:our|the) (?:[\w ]+ )?app\b
|got a (?:confidential )?(?:news )?tip\b
|(?:have (?:something|a story) to (?:share|say|tell)|send (?:us )?your (?:comments|tips|feedback))
|(?:the )?(?:bbc|site|publisher) is not responsible for the content of external (?:web)?sites
"""

# How a paywall asks, in the last lines of a teaser.
_ASKS = r"""
(?:subscribe|register|sign (?:up|in)|log in|become a (?:member|subscriber)|create (?:a
|an)(?: free)? account)\b[^.\n]{0,60}\b(?:to (?:continue|read|keep|unlock|access|view)
|full (?:access|article|story))
|(?:to (?:continue|keep) reading|to read (?:the (?:full|rest)|more|this))\b[^.\n]{0,60}\b(?:subscribe
|register|sign (?:up|in)|log in|account|subscription)
|(?:this|the (?:full|rest of (?:the|this))) (?:article|content|story)\b[^.\n]{0,40}\b(?:subscribers
|members|premium|subscription)|(?:for|exclusive to) (?:paying )?subscribers(?: only)?
|already a subscriber|subscriber-only|continue reading(?: with|\s*(?:…|\.\.\.|→|»|$))
|(?:weiterlesen|(?:jetzt|bitte) (?:abonnieren|anmelden|registrieren)|um (?:den (?:ganzen )?artikel
|weiter)[^.\n]{0,40}lesen|nur für abonnenten|mit [\w+]{1,20}-?abo|lesen sie (?:den ganzen artikel
|weiter) mit|abonnement abschließen|exklusiv für abonnenten)
|(?:(?:la suite|cet article|contenu|article) (?:est |de cet article est )?réservée? aux abonnés
|(?:abonnez-vous|connectez-vous|inscrivez-vous) pour (?:lire|continuer|accéder)|pour lire la suite
|déjà abonné|il vous reste [\d,.]+ ?% )
|(?:(?:contenido|artículo|noticia) (?:exclusivo )?(?:para|solo) suscriptores|(?:suscríbete|suscríbase
|regístrate|inicia sesión) (?:para|y) (?:seguir|continuar|leer|acceder)|para (?:seguir
|continuar) leyendo|solo para suscriptores)
|(?:(?:contenuto|articolo) (?:riservato|esclusivo)[^.\n]{0,20}abbonati|abbonati (?:per|e) (?:continuare
|leggere)|per continuare a leggere)
|(?:(?:conteúdo|reportagem|matéria) (?:exclusiv[oa]) para assinantes|assine (?:para|e) (?:continuar|ler
|ter)|para continuar lendo)
|(?:(?:word|neem) (?:een )?abonne[a-z]*|alleen voor abonnees|om verder te lezen
|log in om (?:verder )?te lezen|подпишитесь,? чтобы (?:читать|продолжить)|только для подписчиков)
"""


def _table(table: str) -> str:
    return "".join(line for line in table.strip().splitlines())


_LEAD = r"[\W_]{0,6}"
_IS_WHOLE = re.compile(rf"{_LEAD}(?:{_table(_WHOLE)})[\W_]{{0,6}}", re.IGNORECASE)
_DOES_BEGIN = re.compile(rf"(?:advertisement:?\s+)?{_LEAD}(?:{_table(_BEGINS)})", re.IGNORECASE)
_LEADS_AWAY = re.compile(rf"{_LEAD}(?:{_table(_LINKS)})(?!.*[.!][\"'”’]*$)", re.IGNORECASE)
_DOES_ASK = re.compile(rf"(?:{_table(_ASKS)})", re.IGNORECASE | re.MULTILINE)
_SENTENCE = re.compile(r"[.!?…][\"'”’)]?\s+(?=[^\W\d_])")


def is_line(line: str) -> bool:
    """Tell whether a line, in one piece and without white space around it, is furniture.

    A line of two sentences or more is taken for text unless its first words leave no doubt; where
    in doubt a line stays: a missed alert is worse than a button's label.
    """
    if not line or len(line) > _LONGEST:
        return False
    return bool(
        _IS_WHOLE.fullmatch(line) or _DOES_BEGIN.match(line) or _LEADS_AWAY.match(line) or _pays(line)
    )


def cut(text: str) -> str:
    """Give text without its furniture lines; paragraphs stay divided by "\\n\\n". Idempotent."""
    kept = []
    changed = False
    for paragraph in text.split("\n\n"):
        lines = paragraph.split("\n")
        said = [line for line in lines if not is_line(line)]
        changed = changed or len(said) < len(lines)
        if said:
            kept.append("\n".join(said))
    return "\n\n".join(kept).strip() if changed else text


def asks_to_subscribe(end: str) -> bool:
    """Tell whether the end of a teaser asks the reader to subscribe or sign in to go on reading."""
    return bool(_DOES_ASK.search(end))


def _pays(line: str) -> bool:
    found = _DOES_ASK.match(line.lstrip(" \t-–—>»*•"))
    return bool(found) and not _SENTENCE.search(line)
