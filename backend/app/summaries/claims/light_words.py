"""Words that can be replaced without changing a claim."""

from __future__ import annotations

_WORDS = {
    "en": """
accept access account act actual add age aim allow amount answer appear apply area arrive aside
ask available aware base basis become begin behalf big bring call care carry case cause certain
change clear close come common company complete concern condition consider contain continue could
create current day deal decide detail different difficult do early easy effect effort end enough
entire especially essential event exact example exist existing experience explicit extra fact
fairly fall feel few final find firm follow form former found frequent full further future general
give go good great group grow hand handle happen hard have help high hold idea important include
increase individual instance interest involve issue item job keep kind know large late lead leave
level light likely limit line little local long look low main major manner matter mean mention
method move name near necessary need next normal number object obtain occur offer old open operate
option order original overall own part particular past people perhaps period person place plan
point poor position possible present previous prior private probably problem process produce
proper prove provide public put quick range rapid rather reach real reason receive recent regard
relate relevant remain require rest result return right role run same see seem sense separate
serious set several short show side significant similar simple single situation size slight slow
small solid solution sort special specific stage stand start state stay step still strong style
subject sure system take task team term thing think time together total touch toward treat true
try turn type understand unit use useful usual value various view want way week well whole wide
word work world worth year yield slightly markedly owing handed benefit thanks
""",
    "de": """
wollte konnte musste sollte durfte abgeben alt anderem ander angeben ansicht arbeit art aufgabe
bekommen bereich bestehen betreffen bleiben bloß bringen derzeit eigen einfach enden entstehen
erfolgen erhalten erst fall fallen finden folgen führen ganz geben gehen gelten genau gering
gesamt groß gut halten handeln heißen hoch insgesamt jahr jed kommen können kurz lang lassen letzt
liegen machen meist menschen möglich müssen nehmen neu nutzen offen paar personen rund sache
schnell schwer sehen seite setzen sollen stehen stelle stellen teil tun verschieden viel vorjahr
wenig werden wichtig wollen woche zahl zeigen zeit ziehen zusätzlich überwiegend rechtzeitig
jeweils
""",
    "es": """
actual algo alto año antiguo bajo bueno caso comenzar conseguir corrido cosa dar dejar día
diferente encontrar estar existir forma gente grande grave haber hacer importante ir largo lado
llegar lugar llevar manera mantener mayor mejor mismo momento mucho nuevo nivel pasar parte
pequeño persona poder poner posible principal problema propio punto quedar querer realizar recibir
resultar seguir ser tener tiempo tipo tomar trabajo usar venir ver vez
""",
}
LIGHT_WORDS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
