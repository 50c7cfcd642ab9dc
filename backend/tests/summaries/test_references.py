"""Sentences that refer to others are told from sentences that can be quoted alone."""

from __future__ import annotations

import time

import pytest

from app.summaries.references import MAX_EXAMINED, definite_noun, refers_back

REFERRING = """
In our valley there are 43 of them, no signal at most, and a bus every hour.
The second one uses a spring instead of a weight.
My first one looked three moves ahead and needed 900 bytes.
Those were replaced in the spring by lamps of steel.
Such a bridge costs two million in this country.
Last year the council did so without asking anybody.
The town prefers the former.
The latter was painted green by volunteers.
We measured half of it in March.
Nobody knows the reason of it.
We began with time, and it failed every Monday.
In both cases the new compiler used a better method.
At that time the river had no bridge.
For embedded work I would pay for this.
I printed them for one of my programs and got 41,000 lines.
We expected people to use it for speed.
As mentioned above, the gates are made of oak.
The other half was painted by volunteers.
Another was found in a barn.
When we shipped it, nobody noticed for a week.
By then the whole town was under water.
Nobody knew its price before the sale.
If this fails, the pump stops.
The aforementioned gates were sold.
The same happened in the village of Ellin.
To do so, we had to open the lid.
The difference is that here the inspector wants to be there.
There are loud ones: a new key with notice, a line in the notes.
It is a lint that happens to live inside the compiler.
“It never rang again, and the council was glad.”
Davon gibt es in unserem Tal 43, meist ohne Netz.
In unserem Tal gibt es 43 davon, meist ohne Netz.
Die zweite Brücke wurde ein Jahr danach gebaut.
Das war der Anfang einer langen Reise.
So wurde aus dem Bach ein See.
Dabei ging ein Fenster zu Bruch.
Er wollte seit Jahren ein Boot bauen.
Diese Lampen wurden im Frühjahr ersetzt.
In diesem Fall hilft nur ein Neustart.
Beide stehen seit Jahren leer.
Letztere wurde grün gestrichen.
Im Frühjahr tat der Rat das auch ohne Beschluss.
Wir haben ihn im Mai verkauft.
Die oben genannte Brücke ist aus Holz.
Dort steht heute ein Kran.
Seine Werkstatt liegt am Hafen.
Deshalb blieb das Tor die ganze Nacht zu.
Einer davon hängt noch im Rathaus.
En el valle hay 43 de ellas, casi siempre sin cobertura.
La segunda se construyó un año después.
Este puente se cerró en mayo.
Eso costó dos millones al municipio.
En ese caso solo ayuda reiniciar la bomba.
Ambos llevan años vacíos.
Por eso la puerta quedó cerrada toda la noche.
El año pasado el consejo hizo lo mismo sin preguntar.
Lo hizo sin preguntar a nadie.
Además, la puerta es de roble.
Sin embargo, nadie quiso pagar la obra.
Su taller está en el puerto.
Dicha ley entró en vigor en mayo.
El puente antes mencionado es de madera.
Allí hay ahora una grúa.
Después vino la lluvia y se llevó el puente.
Uno de ellos cuelga aún en el ayuntamiento.
Como he dicho, las puertas son de roble.
"""
ALONE = """
The town has six bridges, and two of them are closed.
The old bridge was wooden, and the new one is steel.
It turns out that most bridges fail in winter.
It is hard to say how many gates failed.
It takes nine minutes to issue a certificate.
Although it is small, the bridge carries trucks.
In its first year, the bridge carried trucks.
This week the council voted for a new bridge.
This document defines the Teapot header field, by which a server says what it is.
In this paper we propose a parser that reads its own grammar.
The company sold its shares in May.
People eat their lunch in the garage.
When it comes to bridges, steel is cheaper.
Those who sleep on trains know the sound.
The former president opened the bridge.
The latter half of the century was dry.
NASA launched its probe before ESA did.
ESA has a plan for comets.
IT departments still use fax machines.
ER doctors sleep four hours a night.
We wrote a parser and gave it a name.
A star dies when its fuel is gone.
We made it a rule that nobody works on Friday.
If you have a cat, you know that they sleep all day.
So we built a small tool that counts bridges.
Everyone who can swim should do so.
Seven people opened the lock by leaving it on a radiator.
The second world war ended in 1945.
No. 3 reactor at Mt. Vernon tripped first.
The day before yesterday nobody worked at the mill.
Das Rathaus bekommt im Mai ein neues Dach.
Das alte Rathaus bekommt im Mai ein neues Dach.
Die Stadt hat sechs Brücken, zwei davon sind gesperrt.
Diese Woche stimmt der Rat über die Brücke ab.
Dieser Artikel beschreibt ein Werkzeug für Karten.
Es gibt in dem Ort 43 Haltestellen.
Es dauert neun Minuten, ein Zertifikat auszustellen.
Der Müller kennt den Bäcker, seit sie zusammen im Chor singen.
Die Firma hat ihre Anteile im Mai verkauft.
Ein Bäcker aus Ellin hat ein Boot gebaut.
Wer im Zug schläft, kennt das Geräusch.
Der Zweite Weltkrieg endete 1945.
Ich habe zehn Jahre an der Brücke gearbeitet.
Obwohl sie klein ist, trägt die Brücke Lastwagen.
Im Winter fällt die Pumpe aus.
Sechs Leute müssen sich abwechseln.
El ayuntamiento estrena tejado en mayo.
La ciudad tiene seis puentes, y dos de ellos están cerrados.
Esta semana el consejo vota sobre el puente.
Este artículo describe una herramienta para mapas.
Hay 43 paradas en el valle.
Una panadera de Ellin ha construido un barco.
Quien duerme en el tren conoce el ruido.
La Segunda Guerra Mundial terminó en 1945.
La segunda guerra mundial terminó en 1945.
El pueblo reparte el agua con un reloj de arena.
Trabajé diez años en el puente.
En invierno falla la bomba.
Después de la lluvia el puente quedó cerrado.
La empresa vendió sus acciones en mayo.
Seis personas tienen que turnarse.
Cada huerta tiene derecho a un número de vueltas del reloj.
Lo importante es que el puente aguante.
"""


def listed(sentences: str) -> list[str]:
    return sentences.strip().split("\n")


@pytest.mark.parametrize("sentence", listed(REFERRING))
def test_sentences_that_refer_to_others(sentence: str) -> None:
    assert refers_back(sentence)


@pytest.mark.parametrize("sentence", listed(ALONE))
def test_sentences_that_can_be_quoted_alone(sentence: str) -> None:
    assert not refers_back(sentence)


def test_a_long_sentence_costs_no_more_than_its_examined_part() -> None:
    begun = time.perf_counter()
    for word in "it ", "them, ", "the a ", "and it ", "“(", "that one ", "x" * 50_000:
        refers_back(word * 20_000)
        refers_back(f"{word * MAX_EXAMINED} of them.")
    assert time.perf_counter() - begun < 5


def test_the_noun_of_a_definite_beginning() -> None:
    assert definite_noun("The bridges fell.") == "bridge"
    assert definite_noun("La puerta es de roble.") == "puerta"
    assert definite_noun("A bridge fell.") == ""
